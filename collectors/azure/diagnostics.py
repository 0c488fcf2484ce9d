"""Diagnostic settings: where a resource sends which of its logs."""

from __future__ import annotations

from collectors.api import Body, Kind
from collectors.azure.kinds import of_resource
from collectors.azure.resources import properties

VERSION = "2021-05-01-preview"
_RECEIVERS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
_GROUPS_WITH_ALL = ("alllogs", "audit")
"""Groups of categories that hold every entry of who did what."""


def settings_of(name: str, *, below: str = "") -> Kind:
    """The diagnostic settings of a resource, or of a part `below` it, as one document."""
    path = f"{below}/" if below else ""
    return of_resource(
        name,
        "Microsoft.Insights/diagnosticSettings",
        VERSION,
        below=f"{path}providers/Microsoft.Insights/diagnosticSettings",
        items="value",
    )


def destination(body: Body, category: str) -> str | None:
    """Where entries of a category go, the first receiver that is named; None when nowhere."""
    return next(iter(destinations(body, category)), None)


def destinations(body: Body, category: str) -> tuple[str, ...]:
    """Every receiver of entries of a category."""
    found = []
    for setting in body["value"]:
        said = properties(setting)
        if any(_sends(log, category) for log in said.get("logs") or ()):
            found += [str(said[name]).lower() for name in _RECEIVERS if said.get(name)]
    return tuple(found)


def _sends(log: Body, category: str) -> bool:
    if not log["enabled"]:
        return False
    return (log.get("category") or "").lower() == category.lower() or (
        (log.get("categoryGroup") or "").lower() in _GROUPS_WITH_ALL
    )
