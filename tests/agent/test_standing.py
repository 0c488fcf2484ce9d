"""Where findings, controls and criteria stand, from what the store holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agent import changes
from agent.config import Settings
from agent.judge import UNKNOWN_ACCOUNT
from agent.standing import EVIDENCE_DIGITS, findings, standing
from agent.wiring import Wiring, wire
from checks.api import Finding as Verdict
from checks.api import Outcome
from checks.controls import ControlState
from collectors.facts.core import DocumentRef, Resource
from storage.canon import sha256
from storage.engine import Store
from storage.rows import Key, RunStatus, Seal, Target, Transition, Version
from storage.rows import Outcome as Kept
from storage.seal import seal, start
from tests.conftest import Clock
from tests.storage.builders import PROD, run_start

CHECK = "identity.user_mfa"
DOCUMENT = Key("aws.iam.user_mfa_devices", "arn:user/bob")


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real checks and the default library."""
    return wire(Settings())


def verdict(uid: str, outcome: Outcome, reason: str) -> Verdict:
    """What a check says about a user."""
    who = Resource("aws", PROD.account, "global", "user", uid, uid.rpartition("/")[2])
    return Verdict(who, outcome, reason, (DocumentRef(DOCUMENT.kind, uid),))


def keep(
    store: Store, clock: Clock, slot: int, *verdicts: Verdict, who: Target = PROD, documents: Mapping[Key, bytes]
) -> int:
    """Seal a run with these verdicts of the check, and tell when it was recorded."""
    begun = run_start(clock, slot, who)
    begun_at = start(store, begun)
    steps = [
        Transition(
            CHECK,
            Key(each.resource.type, each.resource.uid, each.resource.region, each.resource.name),
            Kept(each.outcome.value),
            changes.detail(each),
        )
        for each in verdicts
    ]
    versions = [Version(key, content) for key, content in documents.items()]
    seal(
        store,
        Seal(begun, begun_at, begun.started, RunStatus.COMPLETE, versions, b"{}", steps, [], b"{}", [], len(versions)),
    )
    return clock()


def test_finding_carries_all_that_people_and_programs_ask_for(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Reason, severity, controls, criteria, and the documents it rests on by their hash."""
    at = keep(store, clock, 1, verdict(DOCUMENT.uid, Outcome.FAIL, "no device"), documents={DOCUMENT: b"evidence"})

    (found,) = findings(store, wiring)

    told = found.to_json()
    assert (told["check"], told["outcome"], told["reason"], told["severity"]) == (
        CHECK,
        "FAIL",
        "no device",
        "critical",
    )
    assert (told["target"], told["account"], told["resource_type"]) == ("prod", PROD.account, "user")
    assert told["control_ids"]
    assert "CC6.1" in told["criteria"]
    assert told["evidence"] == [sha256(b"evidence").hex()[:EVIDENCE_DIGITS]]
    assert found.since == at


def test_as_of_tells_what_was_known_then(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Verdict, evidence and since are those of the moment; before the first run there is nothing."""
    before = clock() - 1
    first = keep(store, clock, 1, verdict(DOCUMENT.uid, Outcome.FAIL, "no device"), documents={DOCUMENT: b"old"})
    clock.advance(3600)
    second = keep(store, clock, 2, verdict(DOCUMENT.uid, Outcome.PASS, "a device"), documents={DOCUMENT: b"new"})

    (then,) = findings(store, wiring, as_of=second - 1)
    (now,) = findings(store, wiring)

    assert findings(store, wiring, as_of=before) == []
    assert (then.outcome, then.since) == (Outcome.FAIL, first)
    assert then.evidence == (sha256(b"old").hex()[:EVIDENCE_DIGITS],)
    assert (now.outcome, now.since) == (Outcome.PASS, second)
    assert now.evidence == (sha256(b"new").hex()[:EVIDENCE_DIGITS],)


def test_account_that_was_unknown_gives_way_to_the_real_one(store: Store, clock: Clock, wiring: Wiring) -> None:
    """What was UNKNOWN because nobody let us in is over once somebody does; the past still tells it."""
    unknown = Target("aws", "prod", UNKNOWN_ACCOUNT)
    first = keep(store, clock, 1, verdict("aws:unknown", Outcome.UNKNOWN, "shut"), who=unknown, documents={})
    clock.advance(3600)
    keep(store, clock, 2, verdict(DOCUMENT.uid, Outcome.PASS, "a device"), documents={DOCUMENT: b"new"})

    assert [found.outcome for found in findings(store, wiring)] == [Outcome.PASS]
    assert [found.outcome for found in findings(store, wiring, as_of=first)] == [Outcome.UNKNOWN]


def test_control_is_as_bad_as_its_worst_finding(store: Store, clock: Clock, wiring: Wiring) -> None:
    """One failing user fails the control and its criteria; the others stay UNKNOWN without any finding."""
    keep(
        store,
        clock,
        1,
        verdict("arn:user/alice", Outcome.PASS, "a device"),
        verdict("arn:user/bob", Outcome.FAIL, "no device"),
        documents={},
    )

    stands = standing(findings(store, wiring), wiring)

    tested = {control.id for control in wiring.library.for_check(CHECK)}
    assert tested
    assert {stands.controls[control] for control in tested} == {ControlState.FAIL}
    assert {stands.counts[control][Outcome.FAIL] for control in tested} == {1}
    assert stands.criteria["CC6.1"] is ControlState.FAIL
    assert ControlState.PASS not in stands.controls.values()


def test_nothing_kept_passes_nothing(store: Store, wiring: Wiring) -> None:
    """An empty store has no passing control and no passing criterion, and lists all of them."""
    stands = standing(findings(store, wiring), wiring)

    assert len(stands.criteria) == 61
    assert set(stands.controls) == set(wiring.library.controls)
    assert not {*stands.criteria.values(), *stands.controls.values()} & {ControlState.PASS, ControlState.FAIL}
