"""Rules of the organization that are in force in a project: whether buckets can be opened to the public."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.api import Body, Collector, Document
from collectors.documents import Documents
from collectors.facts.core import Fact
from collectors.facts.stores import AccountPublicAccess
from collectors.gcp.ancestry import Level
from collectors.gcp.kinds import rest
from collectors.gcp.session import Reader

PREVENTION = rest(
    "gcp.orgpolicy.public_access_prevention",
    "orgpolicy",
    "projects.policies.getEffectivePolicy",
    "/v2/projects/{project}/policies/storage.publicAccessPrevention:getEffectivePolicy",
    permission="orgpolicy.policy.get",
    volatile=("etag", "spec.etag", "spec.updateTime"),
)


def fetch(gcp: Reader) -> Iterator[Document]:
    """The rule as it counts in the project, whether it was set here or above."""
    yield from gcp.read(PREVENTION, Level("projects", gcp.known["project"]).uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """Exactly one fact per project."""
    project = Level("projects", docs.account).uid
    yield AccountPublicAccess(
        resource=docs.resource("account", project, docs.account, "global"),
        documents=docs.about(project),
        blocked=docs.value(PREVENTION, project, enforced),
    )


def enforced(policy: Body) -> bool:
    """A rule without a condition is enforced, and no rule is lifted under one."""
    rules = policy["spec"].get("rules", ())
    everywhere = any(each.get("enforce", False) and "condition" not in each for each in rules)
    lifted = any(not each.get("enforce", False) for each in rules)
    return everywhere and not lifted


COLLECTOR = Collector(
    id="gcp.org_policies",
    title="Rules of the organization in force",
    scope="global",
    kinds=(PREVENTION,),
    emits={AccountPublicAccess: None},
    source="Organization Policy API v2",
    fetch=fetch,
    shape=shape,
)
