"""Files of a web app are never sent in plain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    decide,
)
from collectors.facts.apps import AppMaintenance
from collectors.facts.core import Unread


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per app."""
    for app in facts.of(AppMaintenance):
        found = app.plain_file_transfer
        closed = found if isinstance(found, Unread) else not found
        yield decide(app, closed, yes="takes no files over FTP without TLS", no="takes files over FTP without TLS")


CHECK = Check(
    id="encryption.app_file_transfer",
    title="Web apps take no files over plain FTP",
    criteria=(Criterion("CC6.7", PARTIAL, "code and the password that deploys it cannot be overheard"),),
    severity="medium",
    needs=(AppMaintenance,),
    remediation="Set ftpsState of the Azure app to Disabled or FtpsOnly.",
    equivalents={},
    judge=judge,
)
