"""Runs that are no observation: by their clocks, by their ledger entries; and what is disclosed of those that count."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agent import attest, library
from agent import clock as agent_clock
from agent.attest import Claim
from agent.audit.conclusions import Conclusion
from agent.audit.parameters import HOUR, SECOND, Parameters
from agent.audit.periods import Period
from agent.evaluation.periods import Evaluation, Question, evaluate
from collectors.facts.core import Reason
from storage import seal
from storage.attachments import Attachment
from storage.engine import Store
from storage.rows import ClockOffset, GapRow, Outcome
from tests.agent.conftest import History
from tests.agent.evaluation.planted import DAY, MFA, promises, thing, wiring
from tests.agent.tampering.attacker import change, unguarded
from tests.conftest import JANUARY, Clock
from tests.storage.builders import PROD, bucket, document, run, run_start, sealed

DAYS = 10
END = JANUARY + DAYS * DAY
TRUE = ClockOffset(40, 0, SECOND)
OWN_WORD = GapRow(
    "CLOCK_UNTRUSTED", "agent", "global", "agent.clock", None, "clock of this machine", "a clock", "differs by 400 s"
)


def off(seconds: int) -> ClockOffset:
    """A clock that is so much ahead of the provider's in most calls."""
    return ClockOffset(40, seconds * SECOND, (seconds + 1) * SECOND)


def write(
    store: Store,
    clock: Clock,
    verdicts: Mapping[int, Outcome],
    clocks: Mapping[int, ClockOffset | None],
    gaps: Mapping[int, GapRow] | None = None,
) -> list[int]:
    """Ten days with a run each: what was said of alice on some of them, and how the clocks stood.  The entries."""
    seal.append_policy(store, library.POLICY, library.body(promises()))
    entries = []
    for day in range(DAYS):
        clock.time = JANUARY + day * DAY
        said = {(MFA, thing("alice")): (verdicts[day], verdicts[day].value)} if day in verdicts else {}
        said |= {(MFA, thing("bob")): (Outcome.PASS, "PASS")} if not day else {}
        gap = [gaps[day]] if gaps and day in gaps else []
        found = {bucket("a"): document("a")}
        entries.append(
            run(store, clock, clock.time, documents=found, verdicts=said, offset=clocks.get(day, TRUE), gaps=gap)
        )
    clock.time = END
    return entries


def ask(store: Store, *, parameters: Parameters | None = None) -> Evaluation:
    """The ten days of the control about second factors."""
    question = Question(
        begins=JANUARY,
        ends=END,
        as_of=END + DAY,
        control="AC-02",
        parameters=parameters or Parameters(),
    )
    with store.read() as conn:
        return evaluate(conn, wiring(), question)


def gaps(found: Evaluation) -> list[tuple[int, int, Reason, int]]:
    """(first day, day after, reason, units) of each gap."""
    state = found.controls["AC-02"].parts[0].state
    assert state is not None
    each = [(one.gap, len(one.units)) for one in state.gaps]
    return [((gap.begins - JANUARY) // DAY, (gap.ends - JANUARY) // DAY, gap.reason, units) for gap, units in each]


def failing(found: Evaluation) -> list[tuple[int, int | None]]:
    """(first bad day, day of its end) of each failing interval."""
    state = found.controls["AC-02"].parts[0].state
    assert state is not None
    intervals = [each.interval for each in state.deviations]
    return [((one.detected_at - JANUARY) // DAY, one.ended_at and (one.ended_at - JANUARY) // DAY) for one in intervals]


SAID = {0: Outcome.PASS, 4: Outcome.FAIL, 6: Outcome.PASS}


@pytest.mark.parametrize("seconds", [301, -400])
def test_an_untrusted_clock_is_no_observation(store: Store, clock: Clock, seconds: int) -> None:
    """Its slot is uncovered; a failure that the next run still found began, as far as is proven, with that run."""
    write(store, clock, SAID, {4: off(seconds)})
    found = ask(store)
    assert gaps(found) == [(4, 5, Reason.CLOCK_UNTRUSTED, 2)]
    assert failing(found) == [(5, 6)]
    ipe = found.controls["AC-02"].parts[0].ipe
    assert ipe is not None
    assert ipe.to_json() == {
        "runs": 10,
        "used": 9,
        "not_used": {"CLOCK_UNTRUSTED": 1},
        "clock_unchecked": 0,
        "clock_off": 0,
        "clock_worst_seconds": seconds + 1,
        "late": [],
    }


def test_what_only_an_untrusted_run_saw_was_not_seen(store: Store, clock: Clock) -> None:
    """A failure that was gone in the next run is none."""
    write(store, clock, {0: Outcome.PASS, 4: Outcome.FAIL, 5: Outcome.PASS}, {4: off(400)})
    found = ask(store)
    assert (failing(found), gaps(found)) == ([], [(4, 5, Reason.CLOCK_UNTRUSTED, 2)])


def test_the_last_runs_of_all(store: Store, clock: Clock) -> None:
    """With nothing after them, what they changed was never seen, and the gap reaches to the end."""
    write(store, clock, {0: Outcome.PASS, 8: Outcome.FAIL}, {8: off(400), 9: off(400)})
    found = ask(store)
    assert (failing(found), gaps(found)) == ([], [(8, 10, Reason.CLOCK_UNTRUSTED, 2)])
    (stretch,) = found.known.trust.to_json(found.known.period)["not_used_runs"]
    assert (stretch["runs"], stretch["target"], stretch["reason"]) == (2, "prod", "CLOCK_UNTRUSTED")
    assert "differ by 400 s" in stretch["why"]


def test_a_target_that_is_never_trusted(store: Store, clock: Clock) -> None:
    """Nothing was looked at, so nothing can be concluded."""
    write(store, clock, SAID, dict.fromkeys(range(DAYS), off(400)))
    found = ask(store)
    assert found.controls["AC-02"].conclusion is Conclusion.UNABLE_TO_CONCLUDE
    assert [each.id for each in found.known.blind] == ["everything in aws/prod/123456789012"]


def test_within_the_limit_a_run_counts(store: Store, clock: Clock) -> None:
    """300 s are borne and disclosed; the limit is a parameter."""
    write(store, clock, SAID, {4: off(300), 5: off(400)})
    found = ask(store)
    assert (failing(found), gaps(found)) == ([(4, 6)], [(5, 6, Reason.CLOCK_UNTRUSTED, 2)])
    (line, *_) = found.known.trust.lines(found.known.period)
    assert line == (
        "evidence: 9 of 10 runs used; not used: 1 CLOCK_UNTRUSTED; clocks differ by at most 401 s, by more than 5 s in "
        "1 that count"
    )
    wider = ask(store, parameters=replace(Parameters(), clock_warn_seconds=400))
    assert (gaps(wider), wider.parameters.clock_warn_seconds) == ([], 400)


def test_runs_without_a_provider_s_clock(store: Store, clock: Clock) -> None:
    """They count and are disclosed; one that said itself that its clock proves nothing does not."""
    write(store, clock, SAID, dict.fromkeys(range(DAYS)), {7: OWN_WORD})
    found = ask(store)
    assert gaps(found) == [(7, 8, Reason.CLOCK_UNTRUSTED, 2)]
    assert found.known.trust.over(found.known.period, [PROD]).unchecked == 10


def test_late_runs(store: Store, clock: Clock) -> None:
    """One that took long was announced in time and counts; one made long after its slot counts when it was made."""
    seal.append_policy(store, library.POLICY, library.body(promises()))
    run(store, clock, JANUARY, documents={bucket("a"): document("a")}, offset=TRUE)
    begun = run_start(clock, JANUARY + DAY)
    start = seal.start(store, begun)
    clock.time += 30 * HOUR
    slow = seal.seal(store, sealed(begun, start, documents={bucket("a"): document("a")}, offset=TRUE))
    clock.time = JANUARY + 4 * DAY
    missed = run(store, clock, JANUARY + 2 * DAY, documents={bucket("a"): document("a")}, offset=TRUE)
    clock.time = END
    trust = ask(store).known.trust
    assert trust.over(Period(JANUARY, END), [PROD]).late == (slow, missed)
    assert trust.late[slow].reason == "received 30.0 h after it was made, and proven to be of that time"
    assert trust.late[missed].reason == "made 48.0 h after its slot; it counts from when it was made"
    assert not trust.doubted
    lax = ask(store, parameters=replace(Parameters(), late_automated_hours=30)).known.trust
    assert list(lax.late) == [missed]


def test_a_run_that_was_announced_late(store: Store, clock: Clock) -> None:
    """It claims to have begun a day and more before the ledger heard of it: nothing proves that."""
    seal.append_policy(store, library.POLICY, library.body(promises()))
    clock.time = JANUARY + 3 * DAY
    begun = replace(run_start(clock, JANUARY + 3 * DAY), started=JANUARY + DAY)
    seq = seal.seal(store, sealed(begun, seal.start(store, begun), documents={bucket("a"): document("a")}))
    clock.time = END
    (doubt,) = ask(store).known.trust.doubted[PROD]
    assert (doubt.run.seq, doubt.reason) == (seq, Reason.CLOCK_UNTRUSTED)
    assert "nothing proves that it is of that time" in doubt.said


def test_an_entry_that_is_not_what_it_was(store: Store, clock: Clock, database_url: str) -> None:
    """A run whose entry has not its hash is no observation."""
    entries = write(store, clock, SAID, {})
    with unguarded(database_url) as conn:
        change(conn, "UPDATE ledger SET leaf = :leaf WHERE seq = :seq", leaf=bytes(32), seq=entries[4])
    found = ask(store)
    assert (gaps(found), failing(found)) == ([(4, 5, Reason.INTEGRITY_FAILED, 2)], [(5, 6)])
    assert found.known.trust.backwards == ()


def test_a_ledger_that_runs_backwards(store: Store, clock: Clock, database_url: str) -> None:
    """A run whose row was moved in time does not count, and the step back is disclosed."""
    entries = write(store, clock, SAID, {})
    moved = JANUARY + 2 * DAY + HOUR
    with unguarded(database_url) as conn:
        change(conn, "UPDATE ledger SET recorded_at = :at WHERE seq = :seq", at=moved, seq=entries[4])
    trust = ask(store).known.trust
    assert trust.backwards == (entries[4],)
    assert [(doubt.run.seq, doubt.reason) for doubt in trust.doubted[PROD]] == [(entries[4], Reason.INTEGRITY_FAILED)]
    said = f"ledger entry {entries[4]}: recorded before the entry that it follows"
    assert said in list(trust.lines(Period(JANUARY, END)))


def test_a_whole_verification(history: History, tmp_path: Path) -> None:
    """A verdict that was made good in its table is found by `--verify`: its run does not count, and the end is 4."""
    copy = tmp_path / "copy.db"
    shutil.copy(history.agent.database.removeprefix("sqlite:///"), copy)
    url, ends = f"sqlite:///{copy}", agent_clock.iso(agent_clock.parse(history.times[2]) + 1)
    asked = ("period", "--from", history.times[0], "--to", ends, "--control", "AC-02", "--json", "--database", url)
    clean = history.agent(*asked, "--verify")
    assert (clean.code, clean.json["reliability"]["checked"]) == (0, "the whole store")
    assert clean.json["reliability"]["not_used_runs"] == []
    with unguarded(url) as conn:
        change(conn, "UPDATE result SET outcome = 1 WHERE seq = :seq AND outcome = 2", seq=history.entries[0])
    blind, seen = history.agent(*asked), history.agent(*asked, "--verify")
    assert (blind.code, blind.json["reliability"]["not_used_runs"]) == (0, [])
    assert seen.code == 4
    (stretch,) = seen.json["reliability"]["not_used_runs"]
    assert (stretch["first_entry"], stretch["reason"]) == (history.entries[0], "INTEGRITY_FAILED")
    assert "not what this run changed" in stretch["why"]


def test_the_sheet_of_a_document(history: History) -> None:
    """Every mandatory field of what a deviation rests on is there, tested, and the text names where it stands."""
    ends = agent_clock.iso(agent_clock.parse(history.times[2]) + 1)
    asked = ("period", "--from", history.times[0], "--to", ends, "--control", "AC-02", "--ipe")
    (bob,) = history.agent(*asked, "--json").json["ipe"]
    assert bob["resource"].endswith("user/bob")
    assert bob["documents"]
    for one in bob["documents"]:
        assert (one["status"], one["missing"], one["failed"]) == ("reliable", [], [])
        assert (one["origin"]["account"], one["origin"]["api_version"]) == ("123456789012", "2010-05-08")
        assert one["integrity"]["sequence"] in history.entries[:2]
        assert len(one["accuracy"]["sha256"]) == len(one["integrity"]["chain_hash"]) == 64
        assert one["completeness"]["last_page"] is True
        assert one["reading"]["quality"] == "ok"
    text = history.agent(*asked)
    assert (text.code, "Documents behind the deviations" in text.out) == (0, True)
    alone = history.agent(*asked[:5], "--ipe")
    assert (alone.code, "--ipe: needs --control" in alone.err) == (2, True)


def test_manual_evidence_whose_entry_was_changed(store: Store, clock: Clock, database_url: str) -> None:
    """It is kept, shown and unverified; what is on record with it is judged field by field."""
    write(store, clock, SAID, {})
    for name in ("kept", "touched"):
        claim = Claim(
            control="AC-10",
            performed_by="Ana Admin",
            performed_at=clock.time - DAY,
            uploaded_by="Ana Admin",
            reviewed_by="Carl Ciso" if name == "touched" else "",
            reviewed_at=clock.time if name == "touched" else None,
        )
        attest.record(store, wiring(), claim, [Attachment(f"{name}.pdf", "application/pdf", clock.time, b"%PDF")])
    with store.read() as conn:
        _, touched = attest.load(conn)
    with unguarded(database_url) as conn:
        change(conn, "UPDATE ledger SET leaf = :leaf WHERE seq = :seq", leaf=bytes(32), seq=touched.seq)
    known = ask(store).known
    assert {name: proof.to_json()["status"] for name, proof in known.proofs.items()} == {
        "M-0001": "unverified",
        "M-0002": "unverified",
    }
    assert known.proofs["M-0001"].missing == ("people.reviewer", "people.approved_at")
    assert known.proofs["M-0002"].failed == ("the hash does not verify",)
    assert [each.verifies for each in known.attestations] == [True, False]
