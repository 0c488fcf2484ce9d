"""How many backup policies a subscription has in vaults of both kinds, taken together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.azure import backup_vaults, recovery_vaults
from collectors.azure.kinds import of_resource, of_subscription
from collectors.azure.recovery_vaults import is_ours
from collectors.azure.resources import uid_of
from collectors.azure.session import Reader
from collectors.documents import Documents
from collectors.facts.core import Fact, Unread
from collectors.facts.recovery import BackupCoverage

OLDER = of_subscription("azure.backup_coverage.recovery_vault", recovery_vaults.TYPE, recovery_vaults.VERSION)
NEWER = of_subscription("azure.backup_coverage.backup_vault", backup_vaults.TYPE, backup_vaults.VERSION)
POLICIES = "backupPolicies"
OLDER_POLICIES = of_resource(
    "azure.backup_coverage.recovery_policies",
    f"{recovery_vaults.TYPE}/{POLICIES}",
    recovery_vaults.VERSION,
    below=POLICIES,
    items="value",
)
NEWER_POLICIES = of_resource(
    "azure.backup_coverage.backup_policies",
    f"{backup_vaults.TYPE}/{POLICIES}",
    backup_vaults.VERSION,
    below=POLICIES,
    items="value",
)
FAMILIES = (
    (OLDER, OLDER_POLICIES, is_ours),
    (NEWER, NEWER_POLICIES, lambda _: True),  # no policy is there unless somebody made it
)


def fetch(azure: Reader) -> Iterator[Document | Then]:
    """Every vault of both kinds, by its id, and its policies."""
    for vaults, policies, _ in FAMILIES:
        for vault in azure.listing(vaults):
            uid = uid_of(vault)
            yield azure.document(vaults, uid, {"id": vault["id"]})
            yield Then(gathered, (policies, uid), f"{uid}/{policies.operation}")


def gathered(azure: Reader, kind: Kind, uid: str) -> Iterator[Document]:
    """The policies of one vault, as one document."""
    yield from azure.gather(kind, uid, id=uid)


def shape(docs: Documents) -> Iterator[Fact]:
    """The number of policies of the subscription; those that Azure made and nobody uses do not count."""
    uid = f"/subscriptions/{docs.account}/backup-policies"
    found = [_policies(docs, *family) for family in FAMILIES]
    read = [document for kind in (OLDER_POLICIES, NEWER_POLICIES) for document in docs.of(kind)]
    yield BackupCoverage(
        resource=docs.resource("account", uid, docs.account, "global"),
        documents=docs.about(uid, *read),
        plans=next((each for each in found if isinstance(each, Unread)), None) or _sum(found),
    )


def _sum(found: list[int | Unread]) -> int:
    return sum(each for each in found if isinstance(each, int))


def _policies(docs: Documents, vaults: Kind, policies: Kind, counts: Callable[[Body], bool]) -> int | Unread:
    """How many policies vaults of one kind have; all of them must have been read."""
    unlisted = docs.complete(vaults, "global")
    if unlisted is not None:
        return unlisted
    found = [
        docs.value(policies, vault.uid, lambda body: len([*filter(counts, body["value"])])) for vault in docs.of(vaults)
    ]
    return next((each for each in found if isinstance(each, Unread)), None) or _sum(found)


COLLECTOR = Collector(
    id="azure.backup_coverage",
    title="Backup policies of all vaults",
    scope="global",
    kinds=(OLDER, OLDER_POLICIES, NEWER, NEWER_POLICIES),
    emits={BackupCoverage: None},
    source=f"Azure Recovery Services {recovery_vaults.VERSION} and Data Protection {backup_vaults.VERSION}",
    fetch=fetch,
    shape=shape,
)
