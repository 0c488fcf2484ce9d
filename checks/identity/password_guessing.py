"""Whoever guesses passwords is locked out, and passwords that are easily guessed here are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.api import PARTIAL, Check, Criterion, Facts, Finding, Param, Params, fails, passes, unknown, unread_in
from checks.thresholds import number
from collectors.facts.core import Unread
from collectors.facts.directory import PasswordProtection


def judge(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """One finding per directory; one weakness decides, whatever else was not read."""
    attempts, seconds = number(params, "attempts"), number(params, "lock_seconds")
    for protection in facts.of(PasswordProtection):
        after, lasts, own = protection.lockout_after, protection.lockout_seconds, protection.own_words_refused
        weak = []
        if not isinstance(after, Unread) and after > attempts:
            weak.append(f"{after} wrong passwords lock sign-in, more than {attempts}")
        if not isinstance(lasts, Unread) and lasts < seconds:
            weak.append(f"the lock lasts {lasts} seconds, fewer than {seconds}")
        if own is False:
            weak.append("no list of words of the company's own is refused in passwords")
        if weak:
            yield fails(protection, "; ".join(weak))
        elif gaps := unread_in(after, lasts, own):
            yield unknown(protection, *gaps)
        else:
            yield passes(
                protection,
                f"{after} wrong passwords lock sign-in for {lasts} seconds, and the company's own words are refused",
            )


CHECK = Check(
    id="identity.password_guessing",
    title="Guessing passwords leads nowhere",
    criteria=(
        Criterion("CC6.1", PARTIAL, "guesses are slowed down, and the likeliest of them are never right"),
        Criterion("CC6.6", PARTIAL, "passwords are tried out from the internet all day"),
    ),
    severity="medium",
    needs=(PasswordProtection,),
    remediation="In Entra, Protection, Authentication methods, Password protection, set the lockout threshold to 10 "
    "or less, its duration to 60 seconds or more, and enforce a custom list with the names of company and products.",
    equivalents={},
    judge=judge,
    params=(
        Param("attempts", 10, "wrong passwords", "sign-in must be locked after this many"),
        Param("lock_seconds", 60, "seconds", "for which sign-in must be locked at least"),
    ),
)
