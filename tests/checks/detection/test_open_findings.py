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
    given = {"severity": "high", "what": "PUBLIC_BUCKET_ACL", "opened": NOW - timedelta(days=8), "muted": False}
    return fact(SecurityFinding, "one", **{**given, **values})


def outcomes(*facts: Fact, **more: Any) -> dict[str, Outcome]:
    """By name of the resource."""
    return {each.resource.name: each.outcome for each in judged(CHECK, ACCOUNT, *facts, **more)}


@pytest.mark.parametrize(
    ("values", "one", "account"),
    [
        ({}, Outcome.FAIL, Outcome.NOT_APPLICABLE),
        ({"severity": "critical"}, Outcome.FAIL, Outcome.NOT_APPLICABLE),
        ({"opened": NOW - timedelta(days=7)}, Outcome.PASS, Outcome.PASS),
        ({"opened": NOW - timedelta(days=7, seconds=1)}, Outcome.FAIL, Outcome.NOT_APPLICABLE),
        ({"severity": "medium"}, Outcome.NOT_APPLICABLE, Outcome.PASS),
        ({"muted": True}, Outcome.NOT_APPLICABLE, Outcome.PASS),
        ({"severity": DENIED}, Outcome.UNKNOWN, Outcome.UNKNOWN),
        ({"muted": DENIED}, Outcome.UNKNOWN, Outcome.UNKNOWN),
        ({"opened": DENIED}, Outcome.UNKNOWN, Outcome.UNKNOWN),
        ({"severity": "low", "muted": DENIED}, Outcome.NOT_APPLICABLE, Outcome.PASS),
    ],
)
def test_grave_findings_that_stay_open_fail(values: dict[str, Any], one: Outcome, account: Outcome) -> None:
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
    medium = found(severity="medium", opened=NOW - timedelta(days=31))

    (late,) = judged(CHECK, medium, severities=("medium",))
    (early,) = judged(CHECK, medium, severities=("medium",), medium_days=32)

    assert late.reason == "PUBLIC_BUCKET_ACL, of severity medium, is open since 2026-05-15, more than 30 days"
    assert early.reason == "PUBLIC_BUCKET_ACL, of severity medium, is open since 2026-05-15, to be closed by 2026-06-16"


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low"])
def test_each_severity_has_a_time_of_its_own(severity: str) -> None:
    """None at all, where the company wants that."""
    young = found(severity=severity, opened=NOW - timedelta(days=1))

    assert outcomes(young, severities=(severity,))["one"] is Outcome.PASS
    assert outcomes(young, severities=(severity,), **{f"{severity}_days": 0})["one"] is Outcome.FAIL
