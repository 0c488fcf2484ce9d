"""Checks of a directory of people, in a cloud whose accounts have none."""

from __future__ import annotations

import pytest

from agent.judge import Shaped, judge
from checks.api import Check, Outcome
from checks.registry import all_checks
from checks.testing import NOW
from collectors.facts.directory import AdminRole, AppCredential, DirectorySettings, PasswordProtection
from collectors.facts.identity import PasswordPolicy, RootUser
from collectors.provenance import Identity

DIRECTORY = (AdminRole, AppCredential, DirectorySettings, PasswordProtection)
ACCOUNT = (PasswordPolicy, RootUser)


def judged_in(cloud: str, check: Check) -> list[tuple[Outcome, str]]:
    """What a check says of an account of which nothing is read."""
    nothing = Shaped(Identity(cloud, "account", "", cloud), (), {}, {}, {})
    (found,) = judge(nothing, [check], {}, NOW, {})
    return [(finding.outcome, finding.reason) for finding in found.findings.values()]


@pytest.mark.parametrize(
    ("cloud", "check"),
    [
        pytest.param(cloud, check, id=f"{check.id} in {cloud}")
        for cloud, types in (("aws", DIRECTORY), ("azure", ACCOUNT))
        for check in all_checks().values()
        if check.population[0] in types
    ],
)
def test_what_does_not_exist_in_a_cloud_is_not_applicable_there(cloud: str, check: Check) -> None:
    """One finding that says so, instead of an unknown that nobody could ever mend."""
    ((outcome, reason),) = judged_in(cloud, check)

    assert outcome is Outcome.NOT_APPLICABLE
    assert reason.startswith(f"{cloud} has no ")


@pytest.mark.parametrize(
    "check",
    [pytest.param(check, id=check.id) for check in all_checks().values() if check.population[0] in DIRECTORY],
)
def test_where_there_is_one_and_nobody_read_it_nothing_is_known(check: Check) -> None:
    """Absence is never "not applicable" where the thing exists."""
    ((outcome, reason),) = judged_in("azure", check)

    assert outcome is Outcome.UNKNOWN
    assert "was not read" in reason
