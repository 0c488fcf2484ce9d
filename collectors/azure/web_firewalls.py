"""Web application firewall policies, as application gateways and Front Doors refer to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from collectors.api import Body, Kind
from collectors.azure.resources import is_on, properties
from collectors.documents import Documents
from collectors.facts.core import Reason, Unread


def blocking(docs: Documents, kind: Kind, uids: Iterable[str], blocks: Callable[[Body], bool]) -> bool | Unread:
    """Each policy is on and stops what its rules match; one that is known not to settles it."""
    found = [_of_policy(docs, kind, uid, blocks) for uid in uids]
    if False in found:
        return False
    return next((each for each in found if isinstance(each, Unread)), True)


def _of_policy(docs: Documents, kind: Kind, uid: str, blocks: Callable[[Body], bool]) -> bool | Unread:
    if any(each.uid == uid for each in docs.of(kind)):
        return docs.value(kind, uid, blocks)
    gap = docs.complete(kind, "global")
    return gap or Unread(Reason.ACCOUNT_NOT_ONBOARDED, kind.call, kind.needs, f"{uid} is not in the listing")


def prevents(body: Body) -> bool:
    """A policy is on, in the mode that blocks, and none of its managed sets of rules is told only to log.

    Gateways call the switch `state`, Front Doors `enabledState`.
    """
    said = properties(body)
    settings = said["policySettings"]
    switch = settings["enabledState"] if "enabledState" in settings else settings["state"]
    sets = (said.get("managedRules") or {}).get("managedRuleSets") or ()
    only_logs = any(str(each.get("ruleSetAction") or "").lower() == "log" for each in sets)
    return is_on(switch) and is_prevention(settings["mode"]) and not only_logs


def is_prevention(mode: object) -> bool:
    """The mode that blocks.  Raises ValueError for a word that is neither mode."""
    word = str(mode).lower()
    if word not in {"prevention", "detection"}:
        raise ValueError(f"{mode!r} is no mode of a firewall")
    return word == "prevention"
