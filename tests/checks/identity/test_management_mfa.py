"""identity.management_mfa"""

from __future__ import annotations

from typing import Any

import pytest

from checks.api import Outcome
from checks.identity.management_mfa import CHECK
from checks.testing import DENIED, fact, judged, outcome
from collectors.facts.directory import Clients, DirectorySettings, SignInRule

TENANT = fact(DirectorySettings, "tenant")


def rule(**changed: Any) -> SignInRule:
    """A rule that demands a second factor of everyone who manages the cloud."""
    said = {
        "enforced": True,
        "covers": ("everyone",),
        "applications": ("management",),
        "exceptions": (),
        "only_when": (),
        "clients": (Clients.MODERN,),
        "demands_mfa": True,
        "blocks": False,
    }
    return fact(SignInRule, **{**said, **changed})


def test_a_rule_in_force_passes() -> None:
    """A rule about the management interface alone is enough."""
    assert outcome(CHECK, TENANT, rule()) is Outcome.PASS


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
    (finding,) = judged(CHECK, TENANT, rule(**weaker))

    assert finding.outcome is Outcome.FAIL
    assert finding.reason == "no rule in force demands " + "a second factor of everyone who manages the cloud"


def test_exceptions_are_those_of_the_company() -> None:
    """An account for emergencies is left out when the list names it."""
    emergency = rule(exceptions=("user emergency",))

    assert outcome(CHECK, TENANT, emergency) is Outcome.FAIL
    assert outcome(CHECK, TENANT, emergency, exceptions=("user emergency",)) is Outcome.PASS


def test_rules_that_were_not_read_are_unknown() -> None:
    """Neither a denied field nor a list that broke off is a verdict."""
    assert outcome(CHECK, TENANT, rule(enforced=DENIED)) is Outcome.UNKNOWN
    (finding,) = judged(CHECK, TENANT, unlisted={(SignInRule, "directory"): DENIED})
    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_without_a_directory_there_is_nothing_to_judge() -> None:
    """A cloud without one has no such rules."""
    assert judged(CHECK, rule()) == []
    assert not any(type_.exists_in("aws") for type_ in CHECK.population)


def test_a_list_is_no_text() -> None:
    """A single word would match every part of itself."""
    with pytest.raises(TypeError, match="exceptions must be a list"):
        judged(CHECK, TENANT, exceptions="user emergency")
