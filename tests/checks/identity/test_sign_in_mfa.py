"""identity.sign_in_mfa"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.sign_in_mfa import CHECK
from checks.testing import DENIED, judged, outcome
from tests.checks.sign_in_rules import TENANT, everywhere


def test_a_rule_in_force_passes() -> None:
    """The provider's baseline and a rule of the company are alike."""
    assert outcome(CHECK, TENANT, everywhere()) is Outcome.PASS


@pytest.mark.parametrize(
    "weaker",
    [
        {"enforced": False},
        {"only_when": ("signInRiskLevels",)},
        {"applications": ("management",)},
        {"demands_mfa": False},
    ],
)
def test_a_rule_that_does_less_fails(weaker: dict[str, Any]) -> None:
    """Off, at some sign-ins only, for some applications only, or with a weaker choice."""
    (finding,) = judged(CHECK, TENANT, everywhere(**weaker))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "no rule in force demands a second factor of everyone, for every application"


def test_an_unread_rule_is_unknown() -> None:
    """It may be the one that is in force."""
    assert outcome(CHECK, TENANT, everywhere(enforced=DENIED)) is Outcome.UNKNOWN
