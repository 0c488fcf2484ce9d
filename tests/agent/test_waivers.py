"""Approved exceptions: the rules for granting one, what it covers, and from when until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import verify
from agent.config import Settings
from agent.errors import OperatorError
from agent.standing import findings
from agent.waivers import DAY, GRANTED, REVOKED, State, Terms, Waiver, Waivers, checked, grant, load, revoke
from agent.wiring import Wiring, wire
from storage import reads
from storage.canon import canonical
from storage.engine import Store
from storage.errors import IntegrityError
from storage.seal import append_statement
from tests.agent.test_standing import CHECK
from tests.conftest import JANUARY, Clock

HOUR = 3_600_000_000
CONTROL = "AC-02"
BOB = "arn:aws:iam::123456789012:user/bob"

TERMS = Terms(
    control=CONTROL,
    target="prod",
    resource=BOB,
    reason="The device is in the mail.",
    risk="A stolen password is enough.",
    compensating="Sign-ins are watched.",
    requested_by="Dana Dev",
    approved_by="Carl Ciso",
    approved_at=JANUARY,
    valid_from=JANUARY,
    valid_to=JANUARY + 30 * DAY,
)


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real checks and the default library."""
    return wire(Settings())


def loaded(store: Store) -> Waivers:
    """All waivers of the store."""
    with store.read() as conn:
        return load(conn)


def covers(store: Store, at: int, uid: str = BOB, target: str = "prod", check: str = CHECK) -> str:
    """Id of the waiver that holds for a verdict, empty when none does."""
    found = loaded(store).covering(check, (CONTROL,), target, uid, at)
    return found.id if found else ""


# What is kept


def test_what_was_approved_is_kept_to_the_word(store: Store, clock: Clock, wiring: Wiring) -> None:
    """The waiver that comes back has all terms, its number, its entry and when it was recorded."""
    granted = grant(store, wiring, TERMS)

    assert loaded(store).all == (granted,)
    assert {name: getattr(granted, name) for name in Terms.__slots__} == {
        name: getattr(TERMS, name) for name in Terms.__slots__
    }
    assert (granted.id, granted.seq, granted.recorded_at, granted.revoked_at) == ("W-0001", 0, clock(), None)


def test_texts_are_kept_in_one_line(store: Store, wiring: Wiring) -> None:
    """Line breaks and spaces of a paste become single spaces."""
    granted = grant(store, wiring, replace(TERMS, reason="  in\nthe\u00a0 mail ", compensating=" \n"))

    assert (granted.reason, granted.compensating) == ("in the mail", "")


def test_waivers_are_counted_in_order(store: Store, wiring: Wiring) -> None:
    """Ids follow the order of the statements, whatever else is stated in between."""
    first = grant(store, wiring, TERMS)
    append_statement(store, "acknowledgement", b"{}")
    revoke(store, first.id, "Carl Ciso", "the device came")
    second = grant(store, wiring, TERMS)

    assert (first.id, second.id) == ("W-0001", "W-0002")
    assert [each.id for each in loaded(store).all] == ["W-0001", "W-0002"]


def test_the_store_stays_sound(store: Store, wiring: Wiring) -> None:
    """Grants and revocations are entries like all others: nothing to complain about."""
    grant(store, wiring, TERMS)
    revoke(store, "W-0001", "Carl Ciso", "the device came")

    verdict_ = verify.verify(store)

    assert verdict_.findings == ()
    assert verdict_.size == 2


# The rules


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"control": "AC-99"}, "CONTROL 'AC-99': there is no control and no check of that name; did you mean 'AC-"),
        ({"control": "identity.user_mfaa"}, "did you mean 'identity.user_mfa'?"),
        ({"control": "?"}, "`proofkeep catalog` lists all"),
        ({"target": " "}, "--target ' ': is empty"),
        ({"target": "prod-*"}, "--target 'prod-*': is no name; write one target, or * alone"),
        ({"resource": ""}, "--resource '': is empty"),
        ({"resource": "arn\n"}, "--resource 'arn\\n': is empty or has a control character"),
        ({"reason": " \n"}, "--reason: is empty"),
        ({"reason": "\x1b[2J"}, "--reason '\\x1b[2J': has a control character"),
        ({"risk": ""}, "--risk: is empty"),
        ({"requested_by": ""}, "--requested-by: is empty"),
        ({"approved_by": ""}, "--approved-by: is empty"),
        ({"approved_by": "Dana Dev"}, "--approved-by 'Dana Dev': is who requested it"),
        ({"approved_by": " dANA  DEV "}, "somebody else must approve it"),
        ({"approved_at": JANUARY + 1}, "--approved-at 2026-01-01T00:00:00.000001Z: lies in the future"),
        ({"valid_to": JANUARY}, "--to 2026-01-01T00:00:00Z: does not come after --from"),
        ({"valid_from": JANUARY - DAY, "valid_to": JANUARY}, "--to 2026-01-01T00:00:00Z: has passed"),
        ({"valid_to": JANUARY + 365 * DAY + 1}, "is more than 365 days after --from"),
        (
            {"valid_from": JANUARY + 365 * DAY + 1, "valid_to": JANUARY + 366 * DAY},
            "--from 2027-01-01T00:00:00.000001Z: is more than 365 days ahead",
        ),
    ],
)
def test_a_broken_rule_is_one_line(
    store: Store, wiring: Wiring, changes: Mapping[str, str | int], message: str
) -> None:
    """It says what is wrong, where and how to mend it, and nothing is written."""
    with pytest.raises(OperatorError) as refused:
        grant(store, wiring, replace(TERMS, **changes))  # type: ignore[arg-type]  # any field of the terms

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert loaded(store).all == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"control": CHECK},
        {"approved_at": JANUARY},
        {"valid_to": JANUARY + 365 * DAY},
        {"valid_from": JANUARY - DAY, "valid_to": JANUARY + 1},
        {"valid_from": JANUARY + 365 * DAY, "valid_to": JANUARY + 366 * DAY},
        {"compensating": ""},
        {"target": "*", "resource": "*"},
    ],
)
def test_the_last_value_that_is_allowed(wiring: Wiring, changes: Mapping[str, str | int]) -> None:
    """Each rule lets its own limit pass."""
    terms = replace(TERMS, **changes)  # type: ignore[arg-type]  # any field of the terms

    assert checked(terms, wiring, JANUARY) == terms


# When


def test_it_holds_from_its_first_moment_until_before_its_last(store: Store, wiring: Wiring) -> None:
    """Half-open to the microsecond: the beginning is in, the end is out."""
    begins, ends = JANUARY + HOUR, JANUARY + 2 * HOUR
    grant(store, wiring, replace(TERMS, valid_from=begins, valid_to=ends))

    assert [covers(store, at) for at in (begins - 1, begins, ends - 1, ends)] == ["", "W-0001", "W-0001", ""]


def test_it_never_reaches_back(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Valid and approved days ago, recorded only now: what lies before the record is not excused."""
    recorded = clock.advance(4 * 86400)
    granted = grant(store, wiring, replace(TERMS, approved_at=JANUARY + DAY))

    assert granted.begins == recorded
    assert [covers(store, at) for at in (JANUARY + DAY, recorded - 1, recorded)] == ["", "", "W-0001"]


@pytest.mark.parametrize("last", ["recorded_at", "approved_at", "valid_from"])
def test_it_begins_with_the_last_of_three(last: str) -> None:
    """Recorded, approved and valid: whichever comes last counts."""
    times = dict.fromkeys(("recorded_at", "approved_at", "valid_from"), JANUARY) | {last: JANUARY + DAY}
    terms = {name: getattr(TERMS, name) for name in Terms.__slots__}

    assert Waiver(**terms | times, id="W-0001", seq=0).begins == JANUARY + DAY


def test_a_revoked_waiver_ends_there(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Until the revocation it held, and it still did when asked about that time later."""
    grant(store, wiring, TERMS)
    at = clock.advance(3600)
    revoked = revoke(store, "W-0001", " Carl Ciso", "the device came")

    assert (revoked.revoked_at, revoked.revoked_by, revoked.revoked_because) == (at, "Carl Ciso", "the device came")
    assert [covers(store, when) for when in (at - 1, at, at + DAY)] == ["W-0001", "", ""]


def test_a_waiver_revoked_before_it_began_never_holds(store: Store, clock: Clock, wiring: Wiring) -> None:
    """It is revoked, at its beginning as well."""
    begins = JANUARY + DAY
    grant(store, wiring, replace(TERMS, valid_from=begins))
    clock.advance(3600)
    revoked = revoke(store, "W-0001", "Carl Ciso", "not needed")

    assert [covers(store, at) for at in (clock(), begins, begins + 1)] == ["", "", ""]
    assert revoked.state(begins) is State.REVOKED


def test_the_first_of_two_revocations_counts(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Two people may revoke at once: the second statement changes nothing."""
    grant(store, wiring, TERMS)
    first = clock.advance(60)
    revoke(store, "W-0001", "Carl Ciso", "the device came")
    clock.advance(60)
    body = {"form": 1, "waiver": "W-0001", "by": "Eve", "reason": "as well"}
    append_statement(store, REVOKED, canonical(body))

    (kept,) = loaded(store).all

    assert (kept.revoked_at, kept.revoked_by) == (first, "Carl Ciso")


@pytest.mark.parametrize(
    ("by", "reason", "id_", "message"),
    [
        (" ", "done", "W-0001", "--by: is empty"),
        ("Carl", "", "W-0001", "--reason: is empty"),
        ("Carl", "done", "W-0007", "'W-0007': there is no such waiver; `proofkeep waive list --all`"),
    ],
)
def test_a_revocation_says_who_why_and_what(
    store: Store, wiring: Wiring, by: str, reason: str, id_: str, message: str
) -> None:
    """Otherwise one line says what is missing, and nothing is written."""
    grant(store, wiring, TERMS)

    with pytest.raises(OperatorError, match=re.escape(message)):
        revoke(store, id_, by, reason)
    assert loaded(store).all[0].revoked_at is None


def test_what_is_over_cannot_be_revoked(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Neither a waiver that ended, nor one that was revoked; the line says when."""
    grant(store, wiring, replace(TERMS, valid_to=JANUARY + HOUR))
    grant(store, wiring, TERMS)
    clock.advance(3600)
    revoke(store, "W-0002", "Carl Ciso", "the device came")

    with pytest.raises(OperatorError, match=r"W-0001: ended at 2026-01-01T01:00:00Z"):
        revoke(store, "W-0001", "Carl Ciso", "again")
    with pytest.raises(OperatorError, match=r"W-0002: was revoked at 2026-01-01T01:00:00Z"):
        revoke(store, "W-0002", "Carl Ciso", "again")


def test_a_life(store: Store, wiring: Wiring) -> None:
    """Pending, in force, ended, with the change at the very moment."""
    begins, ends = JANUARY + HOUR, JANUARY + 2 * HOUR
    granted = grant(store, wiring, replace(TERMS, valid_from=begins, valid_to=ends))

    assert [granted.state(at) for at in (begins - 1, begins, ends - 1, ends)] == [
        State.PENDING,
        State.IN_FORCE,
        State.IN_FORCE,
        State.ENDED,
    ]


def test_a_renewal_takes_over_without_a_gap(store: Store, wiring: Wiring) -> None:
    """It is a new approval that begins when the old one ends."""
    grant(store, wiring, replace(TERMS, valid_to=JANUARY + DAY))
    grant(store, wiring, replace(TERMS, valid_from=JANUARY + DAY, valid_to=JANUARY + 2 * DAY))

    assert [covers(store, JANUARY + DAY + step) for step in (-1, 0, DAY)] == ["W-0001", "W-0002", ""]


def test_of_several_the_one_that_ends_last_is_named(store: Store, wiring: Wiring) -> None:
    """It tells how long the finding stays waived; among equals the oldest is named."""
    grant(store, wiring, replace(TERMS, valid_to=JANUARY + DAY))
    grant(store, wiring, replace(TERMS, control=CHECK, valid_to=JANUARY + 2 * DAY))
    grant(store, wiring, replace(TERMS, resource="*", valid_to=JANUARY + 2 * DAY))

    assert covers(store, JANUARY) == "W-0002"


# What


@pytest.mark.parametrize(
    ("control", "target", "resource", "covered"),
    [
        (CONTROL, "prod", BOB, True),
        (CHECK, "prod", BOB, True),
        ("AC-05", "prod", BOB, False),
        ("identity.root_mfa", "prod", BOB, False),
        (CONTROL, "*", BOB, True),
        (CONTROL, "lab", BOB, False),
        (CONTROL, "pro", BOB, False),
        (CONTROL, "PROD", BOB, False),
        (CONTROL, "prod", "*", True),
        (CONTROL, "prod", "arn:aws:iam::*:user/bob", True),
        (CONTROL, "prod", "*/bob", True),
        (CONTROL, "prod", "user/bob", False),
        (CONTROL, "prod", BOB[:-1], False),
        (CONTROL, "prod", BOB[1:], False),
        (CONTROL, "prod", BOB.upper(), False),
        (CONTROL, "prod", f"{BOB[:-1]}?", False),
        (CONTROL, "prod", f"{BOB[:-1]}[b]", False),
        (CONTROL, "prod", BOB.replace("i", ".", 1), False),
    ],
)
def test_the_scope_is_exact(
    store: Store, wiring: Wiring, control: str, target: str, resource: str, covered: bool
) -> None:
    """One control or check, one target, one identifier from its first letter to its last."""
    grant(store, wiring, replace(TERMS, control=control, target=target, resource=resource))

    assert bool(covers(store, JANUARY)) is covered


TEXTS = st.text("ab*.[", max_size=8)


@given(pattern=TEXTS, text=st.text("ab.[", max_size=8))
def test_a_star_stands_for_any_text_and_nothing_else_is_special(pattern: str, text: str) -> None:
    """The same as a whole match of the pattern with every other sign taken as it is."""
    expected = re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), text) is not None

    assert replace(TERMS, resource=pattern).match(CHECK, (), "prod", text) is False
    assert replace(TERMS, resource=pattern).match(CHECK, (CONTROL,), "prod", text) is expected


# What we never write


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"form": 2}, "its form is 2"),
        ({"form": True}, "its form is True"),
        ({"extra": ""}, "it has the fields"),
        ({"reason": None}, "one of its texts is none"),
        ({"reason": ""}, "reason is empty"),
        ({"reason": "two\nlines"}, "reason is empty or no single line"),
        ({"valid_to": "2026-02-01"}, "valid_to is no time"),
        ({"valid_from": True}, "valid_from is no time"),
        ({"approved_by": "dana dev"}, "is who requested it"),
        ({"valid_to": JANUARY + 400 * DAY}, "is more than 365 days"),
        ({"target": "p*"}, "is no name"),
    ],
)
def test_a_waiver_that_we_never_write_stops_everything(
    store: Store, wiring: Wiring, changes: Mapping[str, object], why: str
) -> None:
    """Its ledger entry is named, and no question is answered without it."""
    grant(store, wiring, TERMS)
    with store.read() as conn:
        (row,) = reads.statements(conn, {GRANTED})
    body = {"form": 1, **{name: getattr(TERMS, name) for name in Terms.__slots__}}
    assert canonical(body) == row.body
    append_statement(store, GRANTED, canonical({**body, **changes}))

    with pytest.raises(IntegrityError, match="ledger entry 1: this waiver statement is none") as stopped:
        findings(store, wiring)
    assert why in str(stopped.value)


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        (GRANTED, b"[]", "entry is not an object"),
        (GRANTED, b'{"form": 1}', "canonical form"),
        (GRANTED, b'{"form":1}', "it has the fields"),
        (REVOKED, b'{"by":"x","form":1,"reason":"y","waiver":"W-0001"}', "there is no W-0001 before it"),
        (REVOKED, b'{"by":"","form":1,"reason":"y","waiver":"W-0001"}', "by is empty"),
        (REVOKED, b'{"by":"x","form":1,"waiver":"W-0001"}', "it has the fields"),
        (REVOKED, b'{"by":1,"form":1,"reason":"y","waiver":"W-0001"}', "one of its texts is none"),
    ],
)
def test_a_statement_that_makes_no_sense_stops_everything(store: Store, kind: str, body: bytes, why: str) -> None:
    """Not our JSON, not our fields, or about a waiver that nobody granted."""
    append_statement(store, kind, body)

    with pytest.raises(IntegrityError, match=re.escape(why)):
        loaded(store)
