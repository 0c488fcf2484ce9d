"""Stored evidence, judged again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from agent import clock, config
from agent.errors import OperatorError
from agent.replay import Replay, replay
from agent.wiring import Wiring, wire
from checks.api import Facts, Finding, Params, fails
from collectors.facts.identity import User
from storage.engine import open_store
from tests.agent.conftest import History


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """All checks, the default library."""
    return wire(config.Settings())


def replayed(history: History, wiring: Wiring, run: int, check: str | None = None) -> Replay:
    """One run of the history judged again."""
    with open_store(history.agent.database) as store:
        (found,) = replay(store, wiring, clock.parse(history.times[run]), check_id=check)
    return found


@pytest.mark.parametrize("run", [0, 1, 2])
def test_the_same_code_comes_to_the_same_verdicts(history: History, wiring: Wiring, run: int) -> None:
    """Complete, refused in part, or with things gone: evidence and verdicts belong together."""
    found = replayed(history, wiring, run)

    assert found.run.seq == history.entries[run]
    assert found.differences == ()
    assert len(found.compared) > 40
    assert found.same_code
    assert (found.changed_code, found.changed_params, found.gone, found.added) == ((), (), (), ())


def test_what_was_unknown_stays_unknown(history: History, wiring: Wiring) -> None:
    """Documents that the refused run had not read do not turn UNKNOWN into a verdict afterwards."""
    now = {
        (pair.check, pair.subject.name): pair.now.outcome
        for pair in replayed(history, wiring, 1).compared
        if pair.now is not None
    }

    assert now["encryption.object_store_at_rest", "ledger"] == "UNKNOWN"
    assert now["identity.user_mfa", "bob"] == "UNKNOWN"
    assert now["backup.object_store_versioning", "ledger"] == "PASS"


def everybody_fails(facts: Facts, now: datetime, params: Params) -> Iterator[Finding]:
    """A stricter check."""
    for user in facts.of(User):
        yield fails(user, "nobody is good enough")


def with_check(wiring: Wiring, **changed: object) -> Wiring:
    """The same wiring with another check about users' second factors."""
    check = replace(wiring.checks["identity.user_mfa"], **changed)  # type: ignore[arg-type]  # fields of a check
    return replace(wiring, checks={**wiring.checks, check.id: check})


def test_changed_code_is_named_and_its_verdicts_differ(history: History, wiring: Wiring) -> None:
    """Old and new verdict stand side by side, and the digest tells which check changed."""
    found = replayed(history, with_check(wiring, judge=everybody_fails), 0)

    assert found.changed_code == ("identity.user_mfa",)
    assert not found.same_code
    assert {pair.check for pair in found.differences} == {"identity.user_mfa"}
    (alice,) = [pair for pair in found.differences if pair.subject.name == "alice"]
    assert alice.then is not None
    assert alice.now is not None
    assert (alice.then.outcome, alice.now.outcome) == ("PASS", "FAIL")
    assert alice.now.reason == "nobody is good enough"


def test_one_check_alone_is_judged(history: History, wiring: Wiring) -> None:
    """`--check` leaves the others out."""
    found = replayed(history, wiring, 0, "identity.user_mfa")

    assert {pair.check for pair in found.compared} == {"identity.user_mfa"}
    assert {pair.subject.name for pair in found.compared} == {"alice", "bob"}


def test_checks_that_came_and_went_are_named(history: History, wiring: Wiring) -> None:
    """A new check has no old verdict to differ from; one that is gone has no new one."""
    check = replace(wiring.checks["identity.user_mfa"], id="identity.user_mfa_too")
    rest = {name: each for name, each in wiring.checks.items() if name != "identity.user_mfa"}
    found = replayed(history, replace(wiring, checks={**rest, check.id: check}), 0)
    alone = replayed(history, replace(wiring, checks={**rest, check.id: check}), 0, check.id)

    assert (found.added, found.gone) == (("identity.user_mfa_too",), ("identity.user_mfa",))
    assert {pair.check for pair in found.differences} == {"identity.user_mfa"}
    assert {pair.then for pair in alone.compared} == {None}
    assert alone.differences == ()


def test_the_parameters_are_those_of_the_run(history: History, wiring: Wiring) -> None:
    """A promise that became stricter since is named, and does not change what evidence said then."""
    control = wiring.library.controls["AC-04"]
    params = {**control.params, "identity.password_length": {"min_length": 99}}
    stricter = replace(wiring.library, controls={**wiring.library.controls, "AC-04": replace(control, params=params)})
    found = replayed(history, replace(wiring, library=stricter), 0)

    assert found.changed_params == ("identity.password_length",)
    assert found.differences == ()


def test_a_moment_before_the_first_run_is_refused(history: History, wiring: Wiring) -> None:
    """Nothing to replay is said, not shown as agreement."""
    before = clock.parse(history.times[0]) - 1
    with open_store(history.agent.database) as store, pytest.raises(OperatorError, match="no run was recorded at or"):
        list(replay(store, wiring, before))
