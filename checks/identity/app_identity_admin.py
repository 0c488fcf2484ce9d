"""No function acts as administrator."""

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
    Param,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.apps import WebApp
from collectors.facts.core import Unread
from collectors.facts.identity import AccessPolicy


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per app of the kinds asked for; one such role that it is known to hold decides."""
    kinds, roles = names(params, "kinds"), names(params, "roles")
    for app in facts.of(WebApp):
        if app.what not in kinds:
            yield not_applicable(app, f"{app.what} is not among the kinds asked for")
        elif isinstance(app.identity, Unread):
            yield unknown(app, app.identity)
        elif not app.identity:
            yield not_applicable(app, f"{app.what} has no identity")
        else:
            yield _judge(facts, app, set(app.identity), roles)


def _judge(facts: Facts, app: WebApp, identity: set[str], roles: tuple[str, ...]) -> Finding:
    gaps = list(unread_in(facts.unlisted(AccessPolicy)))
    for policy in facts.of(AccessPolicy):
        admin = policy.resource.name in roles or policy.allows_everything
        holds = policy.attached_to if isinstance(policy.attached_to, Unread) else bool(identity & {*policy.attached_to})
        if admin is True and holds is True:
            return fails(app, f"its identity holds {policy.resource.name}", policy)
        if admin is not False and holds is not False:
            gaps += unread_in(admin, holds)
    return unknown(app, *gaps) if gaps else passes(app, "its identity holds no administrator role")


CHECK = Check(
    id="identity.app_identity_admin",
    title="Functions do not act as administrators",
    criteria=(
        Criterion("CC6.3", PARTIAL, "a program has the rights that its task needs"),
        Criterion("CC6.1", SUPPORTING, "a flaw in one function does not hand over the account"),
    ),
    severity="high",
    needs=(WebApp, AccessPolicy),
    remediation="Give the managed identity of the Azure app a role for the resources that it works on, and take the "
    "administrator role from it; on AWS give the Lambda function a role without AdministratorAccess.",
    equivalents={"prowler": ("app_function_identity_without_admin_privileges",)},
    judge=judge,
    params=(
        Param("kinds", ("function app",), "kinds of apps", "those whose identity is looked at"),
        Param(
            "roles",
            ("Owner", "Contributor", "User Access Administrator", "Role Based Access Control Administrator"),
            "names of roles",
            "those that count as administrator, beside every role that allows everything",
        ),
    ),
)
