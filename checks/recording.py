"""Whether an audit trail records both the reads and the writes of one class of events."""

from __future__ import annotations

from checks.api import Finding, fails, passes, unknown, unread_in
from collectors.facts.core import Unread
from collectors.facts.monitoring import AuditTrail


def judge_recording(trail: AuditTrail, reads: bool | None | Unread, writes: bool | Unread, what: str) -> Finding:
    """One finding for `trail`: PASS when it is on and records the reads and the writes of `what`.

    Reads that the provider never records (None) are not asked for.
    """
    if trail.logging is False:
        return fails(trail, f"trail is switched off, so it records no {what}")
    if missing := [word for word, recorded in (("reads", reads), ("writes", writes)) if recorded is False]:
        return fails(trail, f"trail does not record {' and '.join(missing)} of {what}")
    if gaps := unread_in(trail.logging, reads, writes):
        return unknown(trail, *gaps)
    if reads is None:
        return passes(trail, f"trail is on and records writes of {what}; the provider records no reads")
    return passes(trail, f"trail is on and records reads and writes of {what}")
