"""Requests to web apps are logged."""

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
    not_applicable,
)
from collectors.facts.apps import WebApp


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per app; some kinds have no log of requests."""
    for app in facts.of(WebApp):
        if app.access_logged is None:
            yield not_applicable(app, f"{app.what} has no log of requests")
        else:
            yield decide(app, app.access_logged, yes="requests are logged", no="requests are not logged")


CHECK = Check(
    id="audit_trail.app_access_log",
    title="Web apps log requests",
    criteria=(
        Criterion("CC7.2", PARTIAL, "attacks on the app can be noticed"),
        Criterion("CC7.3", SUPPORTING, "shows who asked for what during an event"),
    ),
    severity="low",
    needs=(WebApp,),
    remediation="Add a diagnostic setting to the Azure app that sends AppServiceHTTPLogs to a log store.",
    equivalents={"prowler": ("app_http_logs_enabled",)},
    judge=judge,
)
