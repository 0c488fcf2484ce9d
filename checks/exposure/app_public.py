"""Functions take no requests from everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    PARTIAL,
    Check,
    Criterion,
    Facts,
    Finding,
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
)
from checks.networks import wide
from checks.thresholds import names, number
from collectors.facts.apps import WebApp
from collectors.facts.core import Unread


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per app of the kinds asked for."""
    kinds = names(params, "kinds")
    most, approved = number(params, "max_addresses"), names(params, "networks")
    for app in facts.of(WebApp):
        if app.what not in kinds:
            yield not_applicable(app, f"{app.what} is not among the kinds asked for")
        elif isinstance(app.open_ranges, Unread):
            yield unknown(app, app.open_ranges)
        elif found := wide(app.open_ranges, most, approved):
            yield fails(app, f"{app.what} takes requests from {', '.join(found)}, more than {most} addresses each")
        elif app.open_ranges:
            yield passes(app, f"{app.what} takes requests from named networks only")
        else:
            yield passes(app, f"{app.what} takes no requests from public addresses")


CHECK = Check(
    id="exposure.app_public",
    title="Functions are closed to public networks",
    criteria=(
        Criterion("CC6.6", PARTIAL, "code that serves insiders cannot be called from outside"),
        Criterion("CC6.1", PARTIAL, "the network keeps inner services apart from the internet"),
    ),
    severity="high",
    needs=(WebApp,),
    remediation="On Azure set publicNetworkAccess of the function app to Disabled and reach it through a private "
    "endpoint, or narrow its access restrictions; on AWS give the function URL AuthType AWS_IAM, or take it away.",
    equivalents={"prowler": ("app_function_not_publicly_accessible",)},
    judge=judge,
    params=(
        Param("kinds", ("function app",), "kinds of apps", "those that must not be open; web apps are made to be"),
        Param("max_addresses", 256, "addresses", "widest range from which requests may be taken"),
        Param("networks", (), "networks in CIDR form", "wider ranges that the company approved"),
    ),
)
