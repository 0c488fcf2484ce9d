"""Findings and controls with the waivers of the moment that is asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.config import Settings
from agent.standing import Finding, findings, standing
from agent.waivers import grant, revoke
from agent.wiring import Wiring, wire
from checks.api import Outcome
from checks.controls import ControlState
from storage.engine import Store
from storage.rows import Key
from tests.agent.test_standing import CHECK, keep, verdict
from tests.agent.test_waivers import BOB, CONTROL, TERMS
from tests.conftest import Clock
from tests.storage.builders import LAB

ALICE = BOB.replace("bob", "alice")


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real checks and the default library."""
    return wire(Settings())


def failing(store: Store, clock: Clock) -> int:
    """Alice passes and Bob fails on both targets; the moment that was recorded."""
    said = (verdict(ALICE, Outcome.PASS, "a device"), verdict(BOB, Outcome.FAIL, "no device"))
    keep(store, clock, 1, *said, documents={})
    return keep(store, clock, 1, *said, who=LAB, documents={})


def waived(found: list[Finding]) -> list[tuple[str, str, str]]:
    """Target, resource and waiver of each finding that is waived."""
    return [(each.target, each.resource, each.waiver) for each in found if each.waived]


def test_a_waived_finding_still_fails(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Only the failing user of that target is marked, and his outcome and the control's state stay FAIL."""
    failing(store, clock)
    grant(store, wiring, replace(TERMS, resource="*"))

    found = findings(store, wiring)
    stands = standing(found, wiring)

    assert waived(found) == [("prod", BOB, "W-0001")]
    (bob,) = [each.to_json() for each in found if each.waived]
    assert (bob["outcome"], bob["waived"], bob["waiver"]) == ("FAIL", True, "W-0001")
    assert list(bob)[list(bob).index("waived") + 1] == "waiver"
    assert {each.to_json()["waiver"] for each in found if not each.waived} == {""}
    assert stands.controls[CONTROL] is ControlState.FAIL
    assert (stands.counts[CONTROL][Outcome.FAIL], stands.waived[CONTROL]) == (2, 1)


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.ERROR, Outcome.PASS, Outcome.NOT_APPLICABLE])
def test_only_a_failure_is_waived(store: Store, clock: Clock, wiring: Wiring, outcome: Outcome) -> None:
    """What could not be read is no exception that anybody approved."""
    keep(store, clock, 1, verdict(BOB, outcome, "so it is"), documents={})
    grant(store, wiring, TERMS)

    assert [(each.outcome, each.waived) for each in findings(store, wiring)] == [(outcome, False)]


def test_a_waiver_for_one_control_excuses_no_other(store: Store, clock: Clock, wiring: Wiring) -> None:
    """A check may test two controls: the other one counts nothing as waived, unless the check itself is waived."""
    failing(store, clock)
    two = replace(wiring.library.controls[CONTROL], id="XX-01")
    library = replace(wiring.library, controls={**wiring.library.controls, "XX-01": two})
    both = replace(wiring, library=library)
    grant(store, both, TERMS)
    for_control = standing(findings(store, both), both).waived
    grant(store, both, replace(TERMS, control=CHECK, target="lab"))
    for_check = standing(findings(store, both), both).waived

    assert (for_control[CONTROL], for_control["XX-01"]) == (1, 0)
    assert (for_check[CONTROL], for_check["XX-01"]) == (2, 1)


def test_the_past_is_seen_with_the_waivers_of_its_time(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Before, within and after the waiver, whenever one asks; now is the clock's now."""
    recorded = failing(store, clock)
    granted = clock.advance(3600)
    grant(store, wiring, TERMS)
    revoked = clock.advance(3600)
    assert waived(findings(store, wiring)) == [("prod", BOB, "W-0001")]
    revoke(store, "W-0001", "Carl Ciso", "the device is lost")

    seen = {
        at: waived(findings(store, wiring, as_of=at)) for at in (recorded, granted - 1, granted, revoked - 1, revoked)
    }

    assert seen == {
        recorded: [],
        granted - 1: [],
        granted: [("prod", BOB, "W-0001")],
        revoked - 1: [("prod", BOB, "W-0001")],
        revoked: [],
    }
    assert waived(findings(store, wiring)) == []


def test_a_new_failure_of_the_same_scope_is_covered(store: Store, clock: Clock, wiring: Wiring) -> None:
    """The waiver is looked at when asked, not written onto the verdicts of its day."""
    grant(store, wiring, replace(TERMS, target="*"))
    clock.advance(3600)
    keep(store, clock, 2, verdict(BOB, Outcome.FAIL, "no device"), documents={Key("k", BOB): b"{}"})

    assert waived(findings(store, wiring)) == [("prod", BOB, "W-0001")]
