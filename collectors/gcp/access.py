"""Who may do what in a project and what is recorded of it: policies, roles and sinks, from the organization down.

All of these hang on the way up from the project, so that they are read by one collector.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Collector, Document, Then
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.detection import ResourceLock
from collectors.facts.identity import AccessPolicy, BoundMember
from collectors.facts.monitoring import AuditCoverage, AuditTrail, LogExports, LogStore
from collectors.gcp import ancestry, granted_roles, log_sinks
from collectors.gcp.ancestry import Level, pairs
from collectors.gcp.session import Reader


def fetch(gcp: Reader) -> Iterator[Document | Then]:
    """Sinks and roles of the project, then every policy from the project up, with its roles and the sinks there."""
    yield Then(log_sinks.of_project, (), log_sinks.SINK.name)
    yield Then(granted_roles.own, (), granted_roles.OWN_ROLE.name)
    own = f"projects/{gcp.known['project']}/roles/"
    roles: set[str] = set()
    for each in ancestry.fetch(gcp):
        if isinstance(each, Level):
            yield Then(log_sinks.of_level, (each,), f"{each.uid}/sinks")
            continue
        yield each
        for role, _ in pairs(each.body):
            if role not in roles and not role.startswith(own):
                roles.add(role)
                yield Then(granted_roles.one, (role,), f"{granted_roles.ROLE.name}/{role}")


def shape(docs: Documents) -> Iterator[Fact]:
    """Roles and who holds them, and what becomes of the logs."""
    yield from granted_roles.shape(docs, *ancestry.bindings(docs))
    yield from log_sinks.shape(docs)


COLLECTOR = Collector(
    id="gcp.access",
    title="Policies, roles and log sinks from the organization down to the project",
    scope="global",
    kinds=(*ancestry.KINDS, *granted_roles.KINDS, *log_sinks.KINDS),
    emits={
        # A role that the company made and that nobody holds grants nothing.
        AccessPolicy: ancestry.WHOLE,
        BoundMember: ancestry.WHOLE,
        AuditTrail: log_sinks.ALL_SINKS,
        AuditCoverage: None,
        LogExports: None,
        LogStore: log_sinks.BUCKET,
        ResourceLock: log_sinks.BUCKET,
    },
    source="Cloud Resource Manager API v3, IAM API v1, Cloud Logging API v2",
    fetch=fetch,
    shape=shape,
)
