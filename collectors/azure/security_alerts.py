"""Alerts of Defender for Cloud that nobody has settled yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.api import Body, Collector, Document
from collectors.azure.kinds import of_subscription
from collectors.azure.resources import properties, uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents, when
from collectors.facts.core import Fact, Unread
from collectors.facts.detection import SecurityFinding

VERSION = "2022-01-01"

ALERT = of_subscription("azure.security.alert", "Microsoft.Security/alerts", VERSION)
SEVERITIES = {"high": "high", "medium": "medium", "low": "low", "informational": "low"}
OPEN, DISMISSED, SETTLED = ("active", "inprogress"), "dismissed", "resolved"
"""What Azure says of an alert that awaits somebody, that somebody decided not to act on, and that is dealt with."""
_KEPT = ("alertDisplayName", "alertType", "severity", "status", "timeGeneratedUtc")
"""What is kept of an alert: the rest quotes addresses, names and commands."""


def fetch(azure: Reader) -> Iterator[Document]:
    """Every alert that Azure still lists."""
    for alert in azure.listing(ALERT):
        yield azure.document(ALERT, uid_of(alert), without_evidence(alert))


def without_evidence(alert: Body) -> dict[str, Any]:
    """An alert without what it saw."""
    said = alert.get("properties")
    if not isinstance(said, dict):
        return dict(alert)
    return {**alert, "properties": {name: said[name] for name in _KEPT if name in said}}


def shape(docs: Documents) -> Iterator[Fact]:
    """One fact per alert that is open, or that may be."""
    for alert in docs.of(ALERT):
        status = docs.field(ALERT, alert, state)
        if status == SETTLED:
            continue
        title = docs.field(ALERT, alert, lambda body: str(properties(body)["alertDisplayName"]))
        yield SecurityFinding(
            resource=docs.resource("security_finding", alert.uid, alert.uid.rpartition("/")[2], "global"),
            documents=docs.about(alert.uid),
            severity=docs.field(ALERT, alert, lambda body: SEVERITIES[str(properties(body)["severity"]).lower()]),
            what=title if isinstance(title, str) else "an alert",
            opened=docs.field(ALERT, alert, lambda body: when(properties(body)["timeGeneratedUtc"])),
            muted=status if isinstance(status, Unread) else status == DISMISSED,
        )


def state(body: Body) -> str:
    """Azure's word for what became of an alert.  Raises ValueError for a word that it has not."""
    word = str(properties(body)["status"]).lower()
    if word not in {*OPEN, DISMISSED, SETTLED}:
        raise ValueError(f"an alert is {word}")
    return word


COLLECTOR = Collector(
    id="azure.security_alerts",
    title="Alerts of Defender for Cloud",
    scope="global",
    kinds=(ALERT,),
    emits={SecurityFinding: ALERT},
    source=f"Microsoft Defender for Cloud alerts {VERSION}",
    fetch=fetch,
    shape=shape,
)
