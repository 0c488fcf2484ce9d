"""Which access to data the audit logs record: settings in the policies of a project and of all above it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from collectors.api import Body
from collectors.documents import Documents
from collectors.facts.core import Unread
from collectors.gcp.ancestry import POLICIES, WHOLE

ALL = "allServices"
ADMIN_READ, DATA_READ, DATA_WRITE = "ADMIN_READ", "DATA_READ", "DATA_WRITE"


def recorded(docs: Documents, log_type: str, services: Iterable[str] = (ALL,)) -> bool | Unread:
    """Some policy has the log written for one of these services, and leaves nobody out.

    What is set above counts below, and nothing below can take it back: Cloud Audit Logs, configuration.
    """
    unread = docs.complete(WHOLE, "global")
    for kind in POLICIES:
        for policy in docs.of(kind):
            said = docs.field(kind, policy, partial(sets, log_type=log_type, services=frozenset(services)))
            if said is True:
                return True
            if isinstance(said, Unread):
                unread = unread or said
    return unread or False


def sets(policy: Body, log_type: str, services: frozenset[str]) -> bool:
    """A policy has the log written for one of these services, for everybody."""
    return any(
        each["service"] in services and each_log["logType"] == log_type and not each_log.get("exemptedMembers")
        for each in policy.get("auditConfigs", ())
        for each_log in each.get("auditLogConfigs", ())
    )
