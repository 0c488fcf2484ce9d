"""Ordinary users of the directory make nothing in it that others would trust."""

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
    passes,
    unknown,
    unread_in,
)
from checks.thresholds import names
from collectors.facts.directory import DirectorySettings


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per directory; one thing too many decides, whatever else was not read."""
    allowed = names(params, "allowed")
    for directory in facts.of(DirectorySettings):
        may = {
            "applications": directory.users_create_applications,
            "groups": directory.users_create_groups,
            "mail groups": directory.users_create_mail_groups,
            "directories": directory.users_create_directories,
        }
        judged = {what: value for what, value in may.items() if what not in allowed}
        if over := [what for what, value in judged.items() if value is True]:
            yield fails(directory, f"ordinary users may create {', '.join(over)}")
        elif gaps := unread_in(*judged.values()):
            yield unknown(directory, *gaps)
        else:
            yield passes(directory, f"ordinary users cannot create {', '.join(judged) or 'what is not allowed'}")


CHECK = Check(
    id="identity.default_rights",
    title="Ordinary users create no applications, groups or directories",
    criteria=(
        Criterion("CC6.3", PARTIAL, "rights come with a role, and not with the account"),
        Criterion("CC6.2", PARTIAL, "identities of programs and groups begin with permission, too"),
        Criterion("CC6.1", SUPPORTING, "a stolen account cannot plant another way in"),
    ),
    severity="medium",
    needs=(DirectorySettings,),
    remediation="In Entra, Users, User settings, switch off that users register applications, create security groups "
    "and create tenants; and under Groups, General, that they create Microsoft 365 groups.",
    equivalents={
        "prowler": (
            "entra_policy_default_users_cannot_create_security_groups",
            "entra_policy_ensure_default_user_cannot_create_apps",
            "entra_policy_ensure_default_user_cannot_create_tenants",
            "entra_users_cannot_create_microsoft_365_groups",
        ),
    },
    judge=judge,
    params=(
        Param(
            "allowed", (), "kinds of things", "of applications, groups, mail groups, directories: what everybody may"
        ),
    ),
)
