"""Manual evidence: what is kept of it, the rules for recording it, and what is said to be weak about it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from agent import verify
from agent.attest import FORM, KIND, Attestation, Claim, State, Weakness, find, load, record, version_of
from agent.audit.parameters import DAY
from agent.config import Settings
from agent.errors import OperatorError
from agent.wiring import Wiring, wire
from storage import attachments, reads, seal
from storage.attachments import Attachment
from storage.canon import canonical, sha256
from storage.engine import Store
from storage.errors import IntegrityError
from tests.agent.tampering.attacker import change, unguarded
from tests.conftest import JANUARY, Clock

QUARTERLY, YEARLY, EVENT = "AC-10", "AC-14", "IR-03"
"""Controls of the default library that people perform, by how often."""
PDF = Attachment("review.pdf", "application/pdf", JANUARY - DAY, b"%PDF-1.7\r\n\x00\xff seen and signed")
CLAIM = Claim(
    control=QUARTERLY,
    performed_by="Ana Admin",
    performed_at=JANUARY - 2 * DAY,
    uploaded_by="ops",
    reviewed_by="Carl Ciso",
    reviewed_at=JANUARY,
    slot="2025-Q4",
    note="Access review of all accounts.",
)


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    """The real checks and the default library."""
    return wire(Settings())


def loaded(store: Store) -> tuple[Attestation, ...]:
    """All attestations of the store."""
    with store.read() as conn:
        return load(conn)


def changed(**changes: Any) -> Claim:
    """The claim with other terms."""
    return replace(CLAIM, **changes)


# What is kept


def test_what_was_claimed_is_kept_to_the_word(store: Store, clock: Clock, wiring: Wiring) -> None:
    """The attestation that comes back has every term, its number, its entry, and the hash of its file."""
    recorded = record(store, wiring, CLAIM, [PDF])

    assert loaded(store) == (recorded,)
    assert {name: getattr(recorded, name) for name in Claim.__slots__} == {
        name: getattr(CLAIM, name) for name in Claim.__slots__
    }
    assert (recorded.id, recorded.seq, recorded.recorded_at) == ("M-0001", 0, clock())
    assert recorded.control_version == version_of(wiring.library.controls[QUARTERLY])
    (file,) = recorded.files
    assert (file.name, file.media, file.modified, file.bytes, file.sha256) == (
        "review.pdf",
        "application/pdf",
        JANUARY - DAY,
        len(PDF.content),
        sha256(PDF.content).hex(),
    )


def test_files_are_kept_to_the_byte(store: Store, wiring: Wiring) -> None:
    """Every byte of two files of any type comes back, in their order."""
    files = [PDF, Attachment("all.bin", "application/octet-stream", JANUARY, bytes(range(256)) * 400)]
    recorded = record(store, wiring, CLAIM, files)

    with store.read() as conn:
        assert attachments.contents(conn, recorded.files) == [file.content for file in files]


def test_texts_are_kept_in_one_line(store: Store, wiring: Wiring) -> None:
    """Line breaks and spaces of a paste become single spaces."""
    recorded = record(store, wiring, changed(note=" all\n accounts "), [PDF])

    assert recorded.note == "all accounts"


def test_another_text_of_the_control_is_another_version(wiring: Wiring) -> None:
    """One word changes the digest, and the same control always has the same one."""
    control = wiring.library.controls[QUARTERLY]

    assert version_of(control) == version_of(replace(control))
    assert version_of(control) != version_of(replace(control, text=control.text + " Twice."))
    assert re.fullmatch("[0-9a-f]{64}", version_of(control))


def test_the_store_stays_sound(store: Store, wiring: Wiring) -> None:
    """Statements and files are accounted for: nothing to complain about."""
    record(store, wiring, CLAIM, [PDF])
    record(store, wiring, changed(inquiry=True, supersedes="M-0001"), [])

    assert verify.verify(store).findings == ()


def test_a_file_equal_to_evidence_raises_no_alarm(store: Store, wiring: Wiring) -> None:
    """Whoever hands in a copy of a policy that is recorded later makes nobody a forger."""
    body = b'{"every":3600}'
    record(store, wiring, CLAIM, [Attachment("schedule.json", "application/json", JANUARY, body)])
    seal.append_policy(store, "controls", body)

    assert verify.verify(store).findings == ()


def test_a_lost_file_is_found(store: Store, database_url: str, wiring: Wiring) -> None:
    """An owner of the database deletes the file: entry, file and hash are named."""
    record(store, wiring, CLAIM, [PDF])
    with unguarded(database_url) as conn:
        change(conn, "DELETE FROM blob WHERE sha256 = :digest", digest=sha256(PDF.content))

    said = [f"{each.where}: {each.what}" for each in verify.verify(store).findings]

    lost = "ledger entry 0: the file 'review.pdf' of the attestation statement is not kept"
    assert said == [f"{lost}: no blob has the hash {sha256(PDF.content).hex()}"]
    with store.read() as conn, pytest.raises(IntegrityError, match=r"the file 'review.pdf' is not kept"):
        attachments.contents(conn, loaded(store)[0].files)


def test_changed_bytes_of_a_file_are_found(store: Store, database_url: str, wiring: Wiring) -> None:
    """The bytes do not have their hash any more."""
    record(store, wiring, CLAIM, [PDF])
    with unguarded(database_url) as conn:
        change(conn, "UPDATE blob SET data = :data WHERE sha256 = :digest", data=b"x", digest=sha256(PDF.content))

    assert any("blob 1" in each.where for each in verify.verify(store).findings)


def test_a_file_list_that_we_never_write_is_found(store: Store) -> None:
    """A statement whose files are no files is named by its content."""
    seal.append_statement(store, KIND, canonical({"files": [{"name": "../x"}]}))

    (finding,) = verify.verify(store).findings

    assert finding.where == "blob 1"
    assert "as a statement it names a file in files without exactly name, media" in finding.what


# The rules


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"control": "AC-99"}, "CONTROL 'AC-99': there is no control of that name; did you mean 'AC-"),
        ({"control": "identity.user_mfa"}, "there is no control of that name"),
        ({"performed_by": " "}, "--performed-by: is empty"),
        ({"note": "\x1b[2J"}, "--note '\\x1b[2J': has a control character"),
        ({"performed_at": JANUARY + 1, "reviewed_at": JANUARY + 1}, "--performed-at 2026-01-01T00:00:00.000001Z: lies"),
        ({"performed_at": -1}, "--performed-at 1969-12-31T23:59:59.999999Z: lies before 1970"),
        ({"reviewed_at": JANUARY + 1}, "--reviewed-at 2026-01-01T00:00:00.000001Z: lies in the future"),
        ({"reviewed_at": JANUARY - 2 * DAY - 1}, "lies before --performed-at"),
        ({"reviewed_by": " ana  ADMIN"}, "--reviewed-by 'ana ADMIN': is who performed it; somebody else must review"),
        ({"reviewed_by": ""}, "--reviewed-at: stands without --reviewed-by"),
        ({"expires": JANUARY - 2 * DAY}, "--expires 2025-12-30T00:00:00Z: does not come after --performed-at"),
        ({"expires": 1 << 53}, "lies before 1970 or after 2255"),
        ({"slot": "2025-12"}, "--slot '2025-12': is no quarterly slot; write it as 2026-Q1"),
        ({"slot": "2025-Q5"}, "is no quarterly slot"),
        ({"control": YEARLY}, "--slot '2025-Q4': is no annual slot; write it as 2026"),
        ({"supersedes": "M-0007"}, "--supersedes 'M-0007': there is no such attestation"),
    ],
)
def test_a_broken_rule_is_one_line(store: Store, wiring: Wiring, changes: Mapping[str, object], message: str) -> None:
    """It says what is wrong, where and how to mend it, and nothing is written."""
    with pytest.raises(OperatorError) as refused:
        record(store, wiring, changed(**changes), [PDF])

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert loaded(store) == ()


def test_somebodys_word_must_be_called_so(store: Store, wiring: Wiring) -> None:
    """Without a file it takes --inquiry."""
    with pytest.raises(OperatorError, match=r"--file: is missing; name what shows it, or add --inquiry"):
        record(store, wiring, CLAIM, [])


@pytest.mark.parametrize("missing", ["shows_url", "shows_time", "shows_account"])
def test_a_picture_needs_a_place(store: Store, wiring: Wiring, missing: str) -> None:
    """Whoever hands in a screenshot says what is to be seen in it; then it is taken, as a weak one."""
    picture = replace(PDF, name="mfa.png", media="image/png")
    shown = {"shows_url": "https://example.org/mfa", "shows_time": "09:41", "shows_account": "123456789012"}

    with pytest.raises(OperatorError, match=f"--{missing.replace('_', '-')}: is missing beside a picture"):
        record(store, wiring, changed(**shown | {missing: " "}), [PDF, picture])
    assert record(store, wiring, changed(**shown), [PDF, picture]).weaknesses == (Weakness.PICTURE,)


@pytest.mark.parametrize(
    ("control", "slot"), [(QUARTERLY, "2025-Q4"), (QUARTERLY, ""), (YEARLY, "2025"), (EVENT, "incident 17")]
)
def test_slots_fit_the_frequency(store: Store, wiring: Wiring, control: str, slot: str) -> None:
    """A quarter, a year, or the name of an event; or none at all."""
    assert record(store, wiring, changed(control=control, slot=slot), [PDF]).slot == slot


# What is weak


def test_reviewed_evidence_in_time_has_no_weakness(store: Store, wiring: Wiring) -> None:
    """It counts."""
    recorded = record(store, wiring, CLAIM, [PDF])

    assert (recorded.weaknesses, recorded.counts) == ((), True)


@pytest.mark.parametrize(("days", "late", "backdated"), [(7, 0, False), (7, 1, True), (0, 0, False)])
def test_a_claim_long_before_the_first_trace_does_not_count(
    store: Store, wiring: Wiring, days: int, late: int, backdated: bool
) -> None:
    """Seven days are allowed, to the microsecond; beyond it is recorded all the same, and flagged."""
    file = replace(PDF, modified=JANUARY)
    recorded = record(store, wiring, changed(performed_at=JANUARY - days * DAY - late), [file])

    assert recorded.trace == JANUARY
    assert (recorded.backdated, recorded.counts) == (backdated, not backdated)
    assert (Weakness.BACKDATED in recorded.weaknesses) is backdated


def test_the_oldest_file_is_the_trace(store: Store, wiring: Wiring) -> None:
    """One file of the time is enough."""
    old, new = replace(PDF, modified=JANUARY - 30 * DAY), replace(PDF, name="new.pdf", modified=JANUARY)

    assert record(store, wiring, changed(performed_at=JANUARY - 30 * DAY), [new, old]).trace == JANUARY - 30 * DAY


def test_without_a_file_the_record_is_the_trace(store: Store, wiring: Wiring) -> None:
    """Somebody's word about last month is back-dated, and is inquiry alone."""
    recorded = record(store, wiring, changed(performed_at=JANUARY - 30 * DAY, inquiry=True), [])

    assert recorded.trace == JANUARY
    assert recorded.weaknesses == (Weakness.BACKDATED, Weakness.INQUIRY)


def test_the_same_file_handed_in_again_keeps_its_trace(store: Store, clock: Clock, wiring: Wiring) -> None:
    """A review comes a month later, with a copy of the file that is dated anew."""
    record(store, wiring, changed(reviewed_by="", reviewed_at=None), [PDF])
    clock.advance(30 * 86400)
    again = record(store, wiring, changed(supersedes="M-0001"), [replace(PDF, modified=clock())])

    assert (again.trace, again.weaknesses) == (PDF.modified, ())


def test_inquiry_alone_never_counts(store: Store, wiring: Wiring) -> None:
    """Not even with minutes of the talk."""
    recorded = record(store, wiring, changed(inquiry=True), [PDF])

    assert (recorded.weaknesses, recorded.counts) == ((Weakness.INQUIRY,), False)


def test_nobodys_review_is_unverified(store: Store, wiring: Wiring) -> None:
    """It is recorded, and says so."""
    recorded = record(store, wiring, changed(reviewed_by="", reviewed_at=None), [PDF])

    assert (recorded.weaknesses, recorded.counts) == ((Weakness.NOT_REVIEWED,), True)


# A life


def test_it_expires(store: Store, wiring: Wiring) -> None:
    """At the very moment."""
    recorded = record(store, wiring, changed(expires=JANUARY + DAY), [PDF])

    assert [recorded.state(at) for at in (JANUARY, JANUARY + DAY - 1, JANUARY + DAY)] == [
        State.IN_FORCE,
        State.IN_FORCE,
        State.EXPIRED,
    ]


def test_a_better_one_takes_its_place_from_then_on(store: Store, clock: Clock, wiring: Wiring) -> None:
    """Before that it was in force, and it still was when asked about that time later."""
    record(store, wiring, CLAIM, [PDF])
    at = clock.advance(60)
    record(store, wiring, changed(supersedes="M-0001"), [PDF])
    old, new = loaded(store)

    assert (old.superseded_by, old.superseded_at, new.superseded_at) == ("M-0002", at, None)
    assert [old.state(when) for when in (at - 1, at)] == [State.IN_FORCE, State.SUPERSEDED]
    assert find(store, "M-0002") == new


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"control": "GV-02", "supersedes": "M-0002"}, "--supersedes 'M-0002': is for AC-10; name one for GV-02"),
        ({"supersedes": "M-0001"}, "--supersedes 'M-0001': M-0002 took its place already; name that one"),
    ],
)
def test_only_the_newest_of_its_control_is_superseded(
    store: Store, wiring: Wiring, changes: Mapping[str, object], message: str
) -> None:
    """Otherwise one line says why not."""
    record(store, wiring, CLAIM, [PDF])
    record(store, wiring, changed(supersedes="M-0001"), [PDF])

    with pytest.raises(OperatorError, match=re.escape(message)):
        record(store, wiring, changed(**changes), [PDF])


def test_of_two_at_once_the_first_takes_the_place(store: Store, clock: Clock, wiring: Wiring) -> None:
    """A second statement that names the same predecessor changes nothing about it."""
    record(store, wiring, CLAIM, [PDF])
    record(store, wiring, changed(supersedes="M-0001"), [PDF])
    with store.read() as conn:
        body = reads.statements(conn, {KIND})[-1].body
    clock.advance(60)
    seal.append_statement(store, KIND, body)

    assert [each.superseded_by for each in loaded(store)] == ["M-0002", "", ""]


def test_an_unknown_id_is_refused(store: Store) -> None:
    """The line names the command that lists all."""
    with pytest.raises(OperatorError, match=r"'M-0001': there is no such attestation; `proofkeep attest list --all`"):
        find(store, "M-0001")


# What we never write


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"form": FORM + 1}, "its form is 2"),
        ({"form": True}, "its form is True"),
        ({"extra": ""}, "it has the fields"),
        ({"performed_at": True}, "performed_at is True"),
        ({"reviewed_at": "today"}, "reviewed_at is 'today'"),
        ({"inquiry": 1}, "inquiry is 1"),
        ({"note": "two\nlines"}, "note is no single line"),
        ({"reviewed_by": "ANA admin"}, "is who performed it"),
        ({"supersedes": "M-0001"}, "AC-10 has no M-0001 before it"),
        ({"files": []}, "--file: is missing"),
        ({"files": {}}, "files is {}"),
        ({"files": [{"name": "x"}]}, "it names a file in files without exactly"),
    ],
)
def test_an_attestation_that_we_never_write_stops_everything(
    store: Store, wiring: Wiring, changes: Mapping[str, object], why: str
) -> None:
    """Its ledger entry is named, and no question is answered without it."""
    _planted(store, wiring, changes)

    with store.read() as conn, pytest.raises(IntegrityError, match=re.escape(why)) as refused:
        load(conn)
    assert "ledger entry 1: this attestation statement is none that proofkeep writes" in str(refused.value)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("name", "../../etc/passwd", "which is no bare name"),
        ("name", "..", "which is no bare name"),
        ("name", "a\\b", "which is no bare name"),
        ("name", "a\x00b", "which is no bare name"),
        ("name", "é" * 101, "which is no bare name"),
        ("sha256", "A" * 64, "which is not a SHA-256"),
        ("bytes", "7", "names a file whose bytes is '7'"),
    ],
)
def test_a_file_that_we_never_name_stops_everything(
    store: Store, wiring: Wiring, field: str, value: object, why: str
) -> None:
    """Above all one whose name leads out of the folder that it is written to."""
    file = {"name": "a.pdf", "media": "", "modified": 0, "bytes": 1, "sha256": "0" * 64}
    _planted(store, wiring, {"files": [file | {field: value}]})

    with store.read() as conn, pytest.raises(IntegrityError, match=re.escape(why)):
        load(conn)


def _planted(store: Store, wiring: Wiring, changes: Mapping[str, object]) -> None:
    """A second statement like an honest one, but for some of its fields; the honest one is of another control."""
    record(store, wiring, changed(control="GV-02"), [PDF])
    with store.read() as conn:
        (row,) = reads.statements(conn, {KIND})
    honest = {"form": FORM} | {name: getattr(CLAIM, name) for name in Claim.__slots__}
    honest |= {"control_version": "0" * 64, "trace": JANUARY}
    file = {"name": "a.pdf", "media": "", "modified": 0, "bytes": 1, "sha256": "0" * 64}
    assert set(honest) | {"files"} == set(json.loads(row.body))
    seal.append_statement(store, KIND, canonical({**honest, "files": [file], **changes}))
