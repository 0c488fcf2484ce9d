"""identity.management_mfa"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.management_mfa import CHECK
from checks.testing import DENIED, judged, outcome
from tests.checks.sign_in_rules import TENANT, managing


def test_a_rule_in_force_passes() -> None:
    """A rule about the management interface alone is enough."""
    assert outcome(CHECK, TENANT, managing()) is Outcome.PASS


@pytest.mark.parametrize(
    "weaker",
    [
        {"enforced": False},
        {"only_when": ("signInRiskLevels",)},
        {"applications": ("shop",)},
        {"covers": ("role admin",)},
    ],
)
def test_a_rule_that_does_less_fails(weaker: dict[str, Any]) -> None:
    """Off, at some sign-ins only, for another application, or for some people only."""
    (finding,) = judged(CHECK, TENANT, managing(**weaker))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "no rule in force demands a second factor of everyone who manages the cloud"


def test_an_unread_rule_is_unknown() -> None:
    """It may be the one that is in force."""
    assert outcome(CHECK, TENANT, managing(enforced=DENIED)) is Outcome.UNKNOWN
