"""identity.legacy_sign_in"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.legacy_sign_in import CHECK
from checks.testing import DENIED, judged, outcome
from collectors.facts.directory import Clients
from tests.checks.sign_in_rules import TENANT, old_programs


def test_a_rule_in_force_passes() -> None:
    """Whoever cannot show a second factor stays outside."""
    assert outcome(CHECK, TENANT, old_programs()) is Outcome.PASS


@pytest.mark.parametrize(
    "weaker",
    [{"enforced": False}, {"only_when": ("signInRiskLevels",)}, {"clients": (Clients.MODERN,)}, {"blocks": False}],
)
def test_a_rule_that_does_less_fails(weaker: dict[str, Any]) -> None:
    """Off, at some sign-ins only, for other programs, or without effect."""
    (finding,) = judged(CHECK, TENANT, old_programs(**weaker))

    assert finding.outcome is Outcome.FAIL
    assert (
        finding.reason == "no rule in force demands of old protocols what they cannot give, so that they stay outside"
    )


def test_an_unread_rule_is_unknown() -> None:
    """It may be the one that is in force."""
    assert outcome(CHECK, TENANT, old_programs(enforced=DENIED)) is Outcome.UNKNOWN
