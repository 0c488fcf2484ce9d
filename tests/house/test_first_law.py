"""Absence is never a pass, never a fail, never silence: asked of every check."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import Random

import pytest

from checks.api import Check, Outcome
from checks.registry import all_checks
from checks.testing import DENIED, NOW, judged
from collectors.facts.core import Fact, Unread
from tests.house.fact_examples import REGIONS, blinded, read_facts, unread_facts

CHECKS = all_checks()
every_check = pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))

ROUNDS = 100
"""Estates tried for each check; the same ones each time, so that the guard never fails by chance."""

VERDICTS = {Outcome.PASS, Outcome.FAIL}

# The existence of these resources, which a listing tells, may decide by itself.
KNOWN_BY_LISTING = {
    "encryption.listener_no_plaintext": "the listing of listeners tells the protocol",
    "identity.account_wide_roles": "the listing of bindings tells what a member holds for certain",
}

Key = tuple[str, str, str]


def cut_off(types: Iterable[type[Fact]]) -> dict[tuple[type[Fact], str], Unread]:
    """Listings of these types that did not reach their end, anywhere."""
    return {(type_, region): DENIED for type_ in types for region in REGIONS}


def outcomes(
    check: Check, facts: list[Fact], cut: Iterable[type[Fact]] = (), now: datetime = NOW
) -> dict[Key, Outcome]:
    """The outcome for each judged resource, after looking at the form of each finding."""
    found: dict[Key, Outcome] = {}
    known = {each.resource for each in facts}
    for finding in judged(check, *facts, unlisted=cut_off(cut), now=now):
        key = (finding.resource.type, finding.resource.region, finding.resource.uid)
        assert finding.resource in known, f"judges {key}, which is the resource of no fact"
        assert key not in found, f"judges {key} twice"
        assert finding.documents, f"rests its finding about {key} on no document"
        assert finding.reason.strip(), f"gives no reason about {key}"
        if finding.outcome is Outcome.UNKNOWN:
            assert finding.unread, f"does not say what was not read about {key}"
            for gap in finding.unread:
                assert gap.operation in finding.reason
                assert gap.permission in finding.reason
        found[key] = finding.outcome
    return found


def contradictions(seen: dict[Key, Outcome], truth: dict[Key, Outcome]) -> dict[Key, str]:
    """Where a verdict on partial knowledge is not the one on full knowledge.

    PASS where the truth is NOT_APPLICABLE is none: a promise that is kept either way.
    """
    return {
        key: f"{outcome} on partial knowledge, {truth.get(key, 'nothing')} on full knowledge"
        for key, outcome in seen.items()
        if outcome not in {Outcome.UNKNOWN, truth.get(key)}
        and (outcome, truth.get(key)) != (Outcome.PASS, Outcome.NOT_APPLICABLE)
    }


@every_check
def test_nothing_read_is_no_verdict(check: Check) -> None:
    """A resource of which only the existence is known neither passes nor fails."""
    if check.id in KNOWN_BY_LISTING:
        return
    for one in unread_facts(check.needs[0]):
        assert not VERDICTS & set(outcomes(check, [one], check.needs[1:]).values()), one


@every_check
def test_nothing_listed_is_no_verdict(check: Check) -> None:
    """Listings that were cut off before the first item say nothing about anybody."""
    assert outcomes(check, [], check.needs) == {}


@every_check
def test_a_verdict_survives_more_knowledge(check: Check) -> None:
    """What passes or fails with some values unread does so too once they are read."""
    chance = Random(check.id)
    for _ in range(ROUNDS):
        facts = read_facts(check.needs, chance)
        seen = blinded(facts, chance)

        assert contradictions(outcomes(check, seen), outcomes(check, facts)) == {}, seen


@every_check
def test_a_verdict_survives_the_rest_of_the_list(check: Check) -> None:
    """What passes or fails while listings are cut off does so too once they are complete."""
    chance = Random(check.id)
    for _ in range(ROUNDS):
        facts = read_facts(check.needs, chance)
        cut = [type_ for type_ in check.needs if chance.random() < 0.5]
        seen = [each for each in facts if type(each) not in cut or chance.random() < 0.5]

        assert contradictions(outcomes(check, seen, cut), outcomes(check, facts)) == {}, (cut, seen)


@pytest.mark.parametrize(
    "check", [each for each in CHECKS.values() if not each.time_dependent], ids=lambda each: each.id
)
def test_only_time_moves_a_verdict_that_says_so(check: Check) -> None:
    """A check that is not declared time-dependent says the same years later."""
    chance = Random(check.id)
    later = NOW.replace(year=NOW.year + 9)
    for _ in range(ROUNDS // 5):
        facts = read_facts(check.needs, chance)

        assert outcomes(check, facts) == outcomes(check, facts, now=later), facts


@pytest.mark.parametrize("check", [each for each in CHECKS.values() if each.time_dependent], ids=lambda each: each.id)
def test_time_moves_a_verdict_that_says_so(check: Check) -> None:
    """A check that is declared time-dependent has facts about which time changes its mind."""
    chance = Random(check.id)
    later = NOW.replace(year=NOW.year + 9)
    estates = (read_facts(check.needs, chance) for _ in range(3 * ROUNDS))

    assert any(outcomes(check, facts) != outcomes(check, facts, now=later) for facts in estates)
