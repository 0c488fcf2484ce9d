"""checks.sign_in"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checks.api import Check, Facts, Finding, Outcome
from checks.identity import legacy_sign_in, management_mfa, sign_in_mfa
from checks.sign_in import Demand, judge_rules
from checks.testing import DENIED, judged, outcome
from collectors.facts.core import Fact, Unread
from collectors.facts.directory import Clients, SignInRule
from tests.checks.sign_in_rules import TENANT, everywhere, managing, old_programs

ALL = Demand("everything", Clients.MODERN, "it")
MANAGING = Demand("management", Clients.MODERN, "it")
OLD = Demand("everything", Clients.LEGACY, "it")
each_check = pytest.mark.parametrize(
    ("check", "good"),
    [(legacy_sign_in.CHECK, old_programs), (management_mfa.CHECK, managing), (sign_in_mfa.CHECK, everywhere)],
    ids=["legacy_sign_in", "management_mfa", "sign_in_mfa"],
)
"""With a rule each that does what the check asks for."""


def rule(name: str = "rule", /, **changed: Any) -> SignInRule:
    """A rule that demands a second factor of everyone, everywhere, with old protocols too."""
    return everywhere(name, **{"clients": (Clients.MODERN, Clients.LEGACY), **changed})


def found(*rules: SignInRule, demand: Demand = ALL, listed: tuple[str, ...] = (), unlisted: bool = False) -> Finding:
    """What the rules amount to."""
    missing: dict[tuple[type[Fact], str], Unread] = {(SignInRule, "directory"): DENIED} if unlisted else {}
    return judge_rules(TENANT, Facts(rules, missing), demand, listed)


def test_one_rule_for_everyone_is_enough() -> None:
    """Other rules may be off, narrow or unknown."""
    finding = found(rule(enforced=False), rule("good"), rule(enforced=DENIED), unlisted=True)

    assert (finding.outcome, finding.reason) == (Outcome.PASS, 'the rule "good" demands it')
    assert finding.documents[-1].uid == "arn:good"


@pytest.mark.parametrize(
    "changed",
    [
        {"enforced": False},
        {"covers": ("role admin",)},
        {"applications": ("management",)},
        {"only_when": ("signInRiskLevels",)},
        {"clients": (Clients.LEGACY,)},
        {"demands_mfa": False},
    ],
    ids=str,
)
def test_a_rule_that_does_less_does_not_count(changed: dict[str, Any]) -> None:
    """Each part of a rule can spoil it."""
    finding = found(rule(**changed))

    assert (finding.outcome, finding.reason) == (Outcome.FAIL, "no rule in force demands it")


def test_no_rule_at_all_fails() -> None:
    """A complete list without a rule is an answer."""
    assert found().outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "name", ["enforced", "covers", "applications", "exceptions", "only_when", "clients", "demands_mfa"]
)
def test_each_unread_part_is_unknown(name: str) -> None:
    """A rule that might be the one that counts is no fail."""
    unread: dict[str, Any] = {name: DENIED}

    finding = found(rule(**unread))

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_an_unread_part_of_a_rule_that_is_off_does_not_matter() -> None:
    """It would not count anyway."""
    assert found(rule(enforced=False, demands_mfa=DENIED)).outcome is Outcome.FAIL


def test_a_list_that_broke_off_is_unknown() -> None:
    """The rule that counts may be among the rest."""
    finding = found(rule(covers=("guests",)), unlisted=True)

    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


def test_an_exception_must_be_listed() -> None:
    """Whom a rule leaves out, the company names."""
    emergency = rule(exceptions=("user emergency", "location AllTrusted"))

    finding = found(emergency)
    assert finding.outcome is Outcome.FAIL
    assert (
        finding.reason
        == 'the rule "rule" demands it, and leaves out user emergency, location AllTrusted, which no list names'
    )
    assert found(emergency, listed=("user emergency",)).outcome is Outcome.FAIL
    accepted = found(emergency, listed=("user emergency", "location AllTrusted"))
    assert accepted.outcome is Outcome.PASS
    assert accepted.reason == 'the rule "rule" demands it, but for location AllTrusted, user emergency'


def test_the_rule_that_leaves_out_least_is_named() -> None:
    """That is the shortest way to mend it; long lists are cut short."""
    many = rule("many", exceptions=tuple(f"user {number}" for number in range(7)))
    few = rule("few", exceptions=tuple(f"user {number}" for number in range(6)))

    assert found(many, few).reason.startswith(
        'the rule "few" demands it, and leaves out user 0, user 1, user 2, user 3, user 4 and 1 more,'
    )


def test_another_rule_may_take_care_of_an_exception() -> None:
    """Everyone but guests by one rule, guests by another."""
    inside = rule("inside", exceptions=("guests internalGuest", "guests serviceProvider"))
    assert found(inside, rule("outside", covers=("guests",))).outcome is Outcome.PASS
    assert found(inside, rule("outside", covers=("guests internalGuest",))).outcome is Outcome.FAIL
    assert found(rule(exceptions=("role r",)), rule(covers=("role r",))).outcome is Outcome.PASS


def test_a_rule_with_gaps_of_its_own_takes_care_of_nothing() -> None:
    """Whoever is in both lists would slip through, unless the company's list names them."""
    inside, outside = rule(exceptions=("guests",)), rule(covers=("guests",), exceptions=("user bob",))

    assert found(inside, outside).outcome is Outcome.FAIL
    assert found(inside, outside, listed=("user bob",)).outcome is Outcome.PASS


def test_management_is_met_by_a_rule_of_its_own() -> None:
    """The narrower promise needs less, and other applications do not matter for it."""
    own = rule(applications=("management",))
    assert found(own, demand=MANAGING).outcome is Outcome.PASS
    assert found(own).outcome is Outcome.FAIL
    assert found(rule(exceptions=("application shop",)), demand=MANAGING).outcome is Outcome.PASS
    assert found(rule(exceptions=("application management",)), demand=MANAGING).outcome is Outcome.FAIL


def test_who_is_blocked_needs_no_second_factor() -> None:
    """Old protocols may be shut out by name, or by what they cannot show."""
    blocked = rule(clients=(Clients.LEGACY,), demands_mfa=False, blocks=True)

    assert found(blocked, demand=OLD).outcome is Outcome.PASS
    assert found(rule(), demand=OLD).outcome is Outcome.PASS
    assert found(rule(clients=(Clients.MODERN,)), demand=OLD).outcome is Outcome.FAIL
    assert found(rule(demands_mfa=DENIED, blocks=True), demand=OLD).outcome is Outcome.PASS
    assert found(rule(demands_mfa=False, blocks=DENIED), demand=OLD).outcome is Outcome.UNKNOWN


@each_check
def test_exceptions_are_those_of_the_company(check: Check, good: Callable[..., SignInRule]) -> None:
    """An account for emergencies is left out when the list names it."""
    emergency = good(exceptions=("user emergency",))

    assert outcome(check, TENANT, emergency) is Outcome.FAIL
    assert outcome(check, TENANT, emergency, exceptions=("user emergency",)) is Outcome.PASS


@each_check
def test_rules_that_were_not_read_are_unknown(check: Check, good: Callable[..., SignInRule]) -> None:
    """Neither a denied field nor a list that broke off is a verdict."""
    assert outcome(check, TENANT, good(enforced=DENIED)) is Outcome.UNKNOWN
    (finding,) = judged(check, TENANT, unlisted={(SignInRule, "directory"): DENIED})
    assert (finding.outcome, finding.unread) == (Outcome.UNKNOWN, (DENIED,))


@each_check
def test_without_a_directory_there_is_nothing_to_judge(check: Check, good: Callable[..., SignInRule]) -> None:
    """A cloud without one has no such rules."""
    assert judged(check, good()) == []
    assert not any(type_.exists_in("aws") for type_ in check.population)


@each_check
def test_a_list_is_no_text(check: Check, good: Callable[..., SignInRule]) -> None:
    """A single word would match every part of itself."""
    with pytest.raises(TypeError, match="exceptions must be a list"):
        judged(check, TENANT, good(), exceptions="user emergency")
