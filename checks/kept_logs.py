"""Whether a resource keeps every kind of log that it has."""

from __future__ import annotations

from checks.api import Finding, fails, not_applicable, passes, unknown, unread_in
from collectors.facts.core import Unread
from collectors.facts.service_logs import UseLog, WorkLog


def judge_log(log: UseLog | WorkLog) -> Finding:
    """One finding for `log`: PASS when each kind is kept, FAIL naming those that are not."""
    kinds, kept = log.kinds, log.kept
    if kinds == ():
        return not_applicable(log, f"this {log.what} has nothing to log: nobody uses it")
    if isinstance(kinds, Unread) or isinstance(kept, Unread):
        return unknown(log, *unread_in(kinds, kept))
    if missing := [kind for kind in kinds if kind not in kept]:
        return fails(log, f"{log.what} keeps no log of {' or '.join(missing)}")
    return passes(log, f"{log.what} keeps a log of {' and '.join(kinds)}")
