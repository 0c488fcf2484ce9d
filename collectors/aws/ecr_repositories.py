"""Repositories of container images: who may pull, whether images are scanned, and what was found in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase

from collectors.api import Body, Collector, Document, Kind, Then
from collectors.aws.session import Reader
from collectors.aws.statements import as_list
from collectors.documents import Documents
from collectors.facts.apps import ImageScanning, Registry
from collectors.facts.core import Fact, Resource, Unread
from collectors.facts.detection import Assessment

REPOSITORY = Kind("aws.ecr.repository", "ecr", "DescribeRepositories", items="repositories")
POLICY = Kind("aws.ecr.repository_policy", "ecr", "GetRepositoryPolicy", absent=("RepositoryPolicyNotFoundException",))
SCANNING = Kind("aws.ecr.scanning", "ecr", "GetRegistryScanningConfiguration")
FLAWS = Kind(
    "aws.inspector.repository_flaws", "inspector2", "ListFindingAggregations", items="responses", volatile=("*",)
)

TOPIC = "image_vulnerabilities"
GRAVE = ("critical", "high", "medium")
"""Severities that Inspector counts apart; `all` holds those and the others."""
CONTINUOUS = "CONTINUOUS_SCAN"
"""Images are looked at when they come in, and again whenever a new flaw is known."""


def fetch(aws: Reader) -> Iterator[Document | Then]:
    """Every repository with its policy, the registry's setting, and how many flaws Inspector knows of."""
    some = False
    for repository in aws.listing(REPOSITORY):
        some = True
        uid = repository["repositoryArn"]
        yield aws.document(REPOSITORY, uid, repository)
        yield Then(policy, (uid, repository["repositoryName"]), f"{uid}/{POLICY.operation}")
    if some:
        registry = registry_uid(aws.partition, aws.region, aws.account)
        yield from aws.read(SCANNING, registry)
        yield from aws.gather(FLAWS, registry, aggregationType="REPOSITORY")


def policy(aws: Reader, uid: str, name: str) -> Iterator[Document]:
    """Whom the repository itself lets in."""
    yield from aws.read(POLICY, uid, repositoryName=name)


def registry_uid(partition: str, region: str, account: str) -> str:
    """Stands for all repositories of a region."""
    return f"arn:{partition}:ecr:{region}:{account}:registry"


def shape(docs: Documents) -> Iterator[Fact]:
    """Three facts per repository."""
    for repository in docs.of(REPOSITORY):
        uid, name = repository.uid, str(repository.body["repositoryName"])
        registry = registry_uid(docs.partition, repository.region, docs.account)
        resource = docs.resource("registry", uid, name, repository.region)
        setting = docs.get(SCANNING, registry)
        documents = docs.about(uid, *(() if isinstance(setting, Unread) else (setting,)))
        scanned = scans(docs, setting, name)
        yield Registry(
            resource=resource,
            documents=docs.about(uid),
            # Whoever pushes or pulls has a password of his own, which IAM gives out for twelve hours.
            shared_account=False,
            anonymous_pull=docs.value(POLICY, uid, lets_everybody_in),
        )
        yield ImageScanning(resource=resource, documents=documents, scanned=scanned)
        yield _flaws(docs, resource, scanned)


def scans(docs: Documents, setting: Document | Unread, name: str) -> bool | Unread:
    """Some rule of the registry looks at the images of this repository for as long as they are kept."""
    if isinstance(setting, Unread):
        return setting
    return docs.field(SCANNING, setting, lambda body: is_continuous(body, name))


def is_continuous(body: Body, name: str) -> bool:
    """Basic scanning looks once, or when it is asked to."""
    said = body["scanningConfiguration"]
    return said["scanType"] == "ENHANCED" and any(
        rule["scanFrequency"] == CONTINUOUS and any(_takes(each, name) for each in rule["repositoryFilters"])
        for rule in said.get("rules", ())  # AWS leaves out what was never set
    )


def _takes(chosen: Body, name: str) -> bool:
    """A filter without `*` is taken anywhere in the name: ECR, "Filters to choose which repositories are scanned"."""
    text = str(chosen["filter"])
    return fnmatchcase(name, text if "*" in text else f"*{text}*")


def lets_everybody_in(body: Body) -> bool:
    """A statement allows any caller something, without a condition."""
    if "absent" in body:
        return False
    statements = as_list(json.loads(body["policyText"])["Statement"])
    return any(
        statement["Effect"] == "Allow" and not statement.get("Condition") and _anybody(statement.get("Principal"))
        for statement in statements
    )


def _anybody(principal: object) -> bool:
    if isinstance(principal, dict):
        return "*" in as_list(principal.get("AWS", ()))
    return principal == "*"


def _flaws(docs: Documents, resource: Resource, scanned: bool | Unread) -> Assessment:
    registry = registry_uid(docs.partition, resource.region, docs.account)
    found = docs.value(FLAWS, registry, lambda body: counts(body, resource.name))
    known = docs.get(FLAWS, registry)
    said: str | Unread
    because: str | Unread
    if isinstance(found, Unread):
        said, because = found, found
    elif found:
        said, because = "unhealthy", ", ".join(f"{severity} {number}" for severity, number in found.items() if number)
    elif isinstance(scanned, Unread):
        said, because = scanned, ""
    else:
        said = "healthy" if scanned else "exempt"
        because = "" if scanned else "Inspector does not look at its images all the time"
    return Assessment(
        resource=resource,
        documents=docs.about(resource.uid, *(() if isinstance(known, Unread) else (known,))),
        topic=TOPIC,
        status=said,
        because=because,
    )


def counts(body: Body, name: str) -> dict[str, int]:
    """Number of open flaws in the images of a repository, by severity; empty when Inspector knows of none."""
    for each in body["responses"]:
        of_one = each["repositoryAggregation"]
        if of_one["repository"] == name:
            severities = of_one["severityCounts"]
            total = int(severities["all"])
            named = {severity: int(severities.get(severity, 0)) for severity in GRAVE}
            return {**named, "other": total - sum(named.values())} if total else {}
    return {}


COLLECTOR = Collector(
    id="aws.ecr_repositories",
    title="Repositories of container images",
    scope="region",
    kinds=(REPOSITORY, POLICY, SCANNING, FLAWS),
    emits={Registry: REPOSITORY, ImageScanning: REPOSITORY, Assessment: REPOSITORY},
    source="Amazon ECR API 2015-09-21, Amazon Inspector API 2020-06-08",
    fetch=fetch,
    shape=shape,
)
