"""Action groups: the people and systems that alerts tell."""

from __future__ import annotations

from collectors.api import Body
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import properties
from collectors.documents import Documents
from collectors.facts.core import Reason, Unread

GROUPS_VERSION = "2023-01-01"

GROUP = of_subscription("azure.insights.action_group", "Microsoft.Insights/actionGroups", GROUPS_VERSION)


def receivers_of(docs: Documents, groups: tuple[str, ...]) -> int | Unread:
    """How many are told for certain; only when that is nobody, does it matter what could not be read."""
    found = [_of_group(docs, uid) for uid in groups]
    known = sum(each for each in found if not isinstance(each, Unread))
    return known or next((each for each in found if isinstance(each, Unread)), 0)


def _of_group(docs: Documents, uid: str) -> int | Unread:
    if any(group.uid == uid for group in docs.of(GROUP)):
        return docs.value(GROUP, uid, receivers)
    if not uid.startswith(f"/subscriptions/{docs.account}/"):
        return Unread(Reason.ACCOUNT_NOT_ONBOARDED, GROUP.call, GROUP.needs, f"{uid} is in another subscription")
    # Azure keeps the names of groups that were deleted.
    return docs.complete(GROUP, "global") or 0


def receivers(group: Body) -> int:
    """Number of receivers of a group that are not switched off; none of a group that is.

    A group is on, and has no receivers of a kind, unless it says otherwise: Azure's defaults.
    """
    said = properties(group)
    if not said.get("enabled", True):
        return 0
    lists = [value for name, value in said.items() if name.endswith("Receivers")]
    return sum(str(each.get("status", "")).lower() != "disabled" for each in lists for each in each)
