"""The list of users that every access check rests on is whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import (
    SUPPORTING,
    Check,
    Criterion,
    Facts,
    Finding,
    Params,
    fails,
    not_applicable,
    passes,
    unknown,
    unread_in,
)
from checks.when import day
from collectors.facts.core import Unread
from collectors.facts.identity import UserDirectory


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per account: the users listed against the provider's own total, read at the same time.

    The credential report may be hours old, and then lacks the users made since: a difference is told,
    and decides nothing.
    """
    for directory in facts.of(UserDirectory):
        listed, counted = directory.listed, directory.counted_by_provider
        if counted is None:
            yield not_applicable(directory, "the provider tells no count that the list could be held against")
        elif isinstance(listed, Unread) or isinstance(counted, Unread):
            yield unknown(directory, *unread_in(listed, counted))
        elif listed != counted:
            yield fails(directory, f"users listed: {listed}, but the provider counts {counted}")
        else:
            yield passes(directory, f"users listed: {listed}, as the provider counts{_report(directory)}")


def _report(directory: UserDirectory) -> str:
    """What the credential report adds to the reason."""
    if isinstance(directory.reported, Unread):
        return "; the credential report was not read"
    if directory.reported is None:
        return ""
    if directory.reported == directory.listed:
        return " and its credential report holds"
    made = directory.report_generated
    of = f"of {day(made)}" if isinstance(made, datetime) else "of unknown date"
    return f"; the credential report {of} holds {directory.reported} and may predate the newest changes"


CHECK = Check(
    id="identity.user_list_complete",
    title="The list of users is complete",
    criteria=(
        Criterion("CC2.1", SUPPORTING, "conclusions about all users rest on a population that was counted twice"),
    ),
    severity="medium",
    needs=(UserDirectory,),
    remediation="Run the collection again; if the counts still differ, compare ListUsers with "
    "GetAccountSummary, or in Entra the users with their $count, and check the permissions of the agent.",
    equivalents={},
    judge=judge,
)
