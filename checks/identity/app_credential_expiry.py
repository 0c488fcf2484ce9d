"""What applications sign in with ends one day, and is replaced before that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, SUPPORTING, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown
from checks.thresholds import number
from checks.when import day, older_than
from collectors.facts.core import Unread
from collectors.facts.directory import AppCredential


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per credential."""
    days = number(params, "notice_days")
    for credential in facts.of(AppCredential):
        what = "credential" if isinstance(credential.kind, Unread) else credential.kind
        match credential.expires:
            case Unread() as gap:
                yield unknown(credential, gap)
            case None:
                yield fails(credential, f"{what} of {credential.owner} never ends")
            case end if end <= now:
                yield fails(credential, f"{what} of {credential.owner} ended on {day(end)} and is still there")
            case end if not older_than(now, days, end):
                yield fails(credential, f"{what} of {credential.owner} ends on {day(end)}, within {days} days")
            case end:
                yield passes(credential, f"{what} of {credential.owner} ends on {day(end)}, not within {days} days")


CHECK = Check(
    id="identity.app_credential_expiry",
    title="Credentials of applications end, and are renewed in time",
    criteria=(
        Criterion("CC6.1", PARTIAL, "a secret that leaked unnoticed stops working one day"),
        Criterion("CC6.2", SUPPORTING, "credentials end when their term does"),
        Criterion("A1.2", SUPPORTING, "no service stops because its certificate did"),
    ),
    severity="high",
    needs=(AppCredential,),
    remediation="Under Entra, App registrations or Enterprise applications, add a new credential with an end, move "
    "the application to it, and delete the old one; or use a managed identity or federated credential instead.",
    equivalents={"prowler": ("entra_app_registration_credential_not_expired",)},
    judge=judge,
    params=(Param("notice_days", 30, "days", "before its end a credential must have been replaced"),),
    time_dependent=True,
)
