"""aws.ecr_repositories"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.demo.loopback import Faults
from collectors.aws.ecr_repositories import COLLECTOR, REPOSITORY
from collectors.facts.apps import ImageScanning, Registry
from collectors.facts.core import Unread
from collectors.facts.detection import Assessment
from collectors.testing import Reading

Read = Callable[..., Reading]
Client = Callable[..., Any]

FLAWS = "inspector2:POST /findings/aggregation/list"


def always(client: Client, *names: str, frequency: str = "CONTINUOUS_SCAN", scan: str = "ENHANCED") -> None:
    """The registry's setting, for repositories by name."""
    filters = [{"filter": name, "filterType": "WILDCARD"} for name in names]
    rules = [{"scanFrequency": frequency, "repositoryFilters": filters}]
    client("ecr").put_registry_scanning_configuration(scanType=scan, rules=rules)


def flaws(name: str, **counts: int) -> dict[str, Any]:
    """What Inspector counts in one repository."""
    one = {"repositoryAggregation": {"repository": name, "severityCounts": counts}}
    return {"aggregationType": "REPOSITORY", "responses": [one]}


def test_everybody_is_let_in_by_the_policy_alone(read: Read, client: Client) -> None:
    """A principal of `*` without a condition; no policy lets nobody else in."""
    ecr = client("ecr")
    for name in ("open", "narrow", "own"):
        ecr.create_repository(repositoryName=name)
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    for name, more in (("open", {}), ("narrow", {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}})):
        policy = {"Version": "2012-10-17", "Statement": {**statement, **more}}
        ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(policy))

    reading = read(COLLECTOR)

    assert {fact.resource.name: fact.anonymous_pull for fact in reading.facts(Registry)} == {
        "open": True,
        "narrow": False,
        "own": False,
    }
    assert {fact.shared_account for fact in reading.facts(Registry)} == {False}


def test_images_are_scanned_for_as_long_as_they_are_kept(read: Read, client: Client) -> None:
    """By the filters of the registry; once on push is not enough."""
    for name in ("shop/api", "shop/web", "tools"):
        client("ecr").create_repository(repositoryName=name)
    always(client, "shop/a*")

    found = {fact.resource.name: fact.scanned for fact in read(COLLECTOR).facts(ImageScanning)}

    assert found == {"shop/api": True, "shop/web": False, "tools": False}


@pytest.mark.parametrize(("frequency", "scan"), [("SCAN_ON_PUSH", "ENHANCED"), ("SCAN_ON_PUSH", "BASIC")])
def test_a_scan_on_push_finds_no_flaw_of_tomorrow(read: Read, client: Client, frequency: str, scan: str) -> None:
    """Whatever the kind of scan."""
    client("ecr").create_repository(repositoryName="one")
    always(client, "*", frequency=frequency, scan=scan)

    assert read(COLLECTOR).fact(ImageScanning, "one").scanned is False


def test_open_flaws_of_images_are_unhealthy(read: Read, client: Client, faults: Faults) -> None:
    """With their numbers; a repository that is scanned without findings is healthy, and another one is not asked."""
    for name in ("bad", "good", "unseen"):
        client("ecr").create_repository(repositoryName=name)
    always(client, "bad", "good")
    faults.answers[FLAWS] = flaws("bad", all=9, critical=1, high=2, medium=4)

    found = {fact.resource.name: (fact.status, fact.because) for fact in read(COLLECTOR).facts(Assessment)}

    assert found["bad"] == ("unhealthy", "critical 1, high 2, medium 4, other 2")
    assert found["good"] == ("healthy", "")
    assert found["unseen"][0] == "exempt"


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("ecr:GetRepositoryPolicy", "ecr:GetRepositoryPolicy"),
        ("ecr:GetRegistryScanningConfiguration", "ecr:GetRegistryScanningConfiguration"),
        (FLAWS, "inspector2:ListFindingAggregations"),
    ],
)
def test_what_is_denied_is_unread(read: Read, client: Client, faults: Faults, operation: str, permission: str) -> None:
    """Exactly that field, and the permission is named."""
    client("ecr").create_repository(repositoryName="one")
    faults.deny.add(operation)

    reading = read(COLLECTOR)
    values = (
        reading.fact(Registry, "one").anonymous_pull,
        reading.fact(ImageScanning, "one").scanned,
        reading.fact(Assessment, "one").status,
    )
    unread = {value.permission for value in values if isinstance(value, Unread)}

    assert unread == {permission}


def test_no_repositories_is_a_complete_listing(read: Read, faults: Faults) -> None:
    """And a lost one is not."""
    assert read(COLLECTOR).documents.complete(REPOSITORY, "us-east-1") is None
    faults.deny.add("ecr:DescribeRepositories")

    assert read(COLLECTOR).documents.complete(REPOSITORY, "us-east-1") is not None
