"""No debugger can be attached to a web app from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    SUPPORTING,
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
        found = app.remote_debugging
        closed = found if isinstance(found, Unread) else not found
        yield decide(app, closed, yes="no debugger can be attached", no="a debugger can be attached over the network")


CHECK = Check(
    id="exposure.app_debugging",
    title="Web apps let no debugger in",
    criteria=(
        Criterion("CC6.6", PARTIAL, "a way in that was meant for one afternoon does not stay open"),
        Criterion("CC6.8", SUPPORTING, "nobody can change what a program does while it runs"),
    ),
    severity="high",
    needs=(AppMaintenance,),
    remediation="Switch off remoteDebuggingEnabled in the configuration of the Azure app.",
    equivalents={},
    judge=judge,
)
