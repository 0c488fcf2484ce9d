"""detection.open_findings"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checks.api import Outcome
from checks.detection.open_findings import CHECK
from checks.testing import DENIED, NOW, fact, judged
from collectors.facts.core import Fact
from collectors.facts.detection import SecurityFinding
from collectors.facts.monitoring import AuditCoverage

ACCOUNT = fact(AuditCoverage, "account")


def found(**values: Any) -> SecurityFinding:
    """A grave finding that is open."""
    given = {"severity": "high", "what": "PUBLIC_BUCKET_ACL", "opened": NOW - timedelta(days=2), "muted": False}
    return fact(SecurityFinding, "one", **{**given, **values})


def outcomes(*facts: Fact, **more: Any) -> dict[str, Outcome]:
    """By name of the resource."""
    return {each.resource.name: each.outcome for each in judged(CHECK, ACCOUNT, *facts, **more)}


@pytest.mark.parametrize(
    ("values", "one", "account"),
    [
        ({}, Outcome.FAIL, Outcome.NOT_APPLICABLE),
        ({"severity": "critical"}, Outcome.FAIL, Outcome.NOT_APPLICABLE),
        ({"severity": "medium"}, Outcome.NOT_APPLICABLE, Outcome.PASS),
        ({"muted": True}, Outcome.NOT_APPLICABLE, Outcome.PASS),
        ({"severity": DENIED}, Outcome.UNKNOWN, Outcome.UNKNOWN),
        ({"muted": DENIED}, Outcome.UNKNOWN, Outcome.UNKNOWN),
        ({"opened": DENIED}, Outcome.UNKNOWN, Outcome.UNKNOWN),
        ({"severity": "low", "muted": DENIED}, Outcome.NOT_APPLICABLE, Outcome.PASS),
    ],
)
def test_grave_findings_that_are_open_fail(values: dict[str, Any], one: Outcome, account: Outcome) -> None:
    """The account passes when none of them counts."""
    assert outcomes(found(**values)) == {"one": one, "account": account}


def test_an_account_without_findings_passes() -> None:
    """A complete listing without any is an answer."""
    assert outcomes() == {"account": Outcome.PASS}


def test_a_listing_of_findings_that_broke_off_proves_nothing() -> None:
    """What was read of it counts all the same."""
    cut = {(SecurityFinding, "global"): DENIED}

    assert outcomes(unlisted=cut) == {"account": Outcome.UNKNOWN}
    assert outcomes(found(), unlisted=cut)["one"] is Outcome.FAIL


def test_the_company_says_what_is_grave() -> None:
    """The reason names the finding and its date."""
    findings = judged(CHECK, found(severity="medium"), severities=("medium",))

    assert [each.reason for each in findings] == ["PUBLIC_BUCKET_ACL, of severity medium, is open since 2026-06-13"]
