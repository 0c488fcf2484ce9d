"""Approvals of controls: for one wording each, by somebody, from the moment at which they were recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent import approvals, library
from agent import clock as agent_clock
from agent.attest import version_of
from agent.errors import OperatorError
from agent.library import Version
from checks.controls import Control, Library, load
from checks.lint import lint
from checks.registry import all_checks
from storage import canon, reads, seal
from storage.engine import Store
from storage.errors import IntegrityError
from tests.agent.conftest import Said, say
from tests.agent.evaluation.planted import DAY, END, plant
from tests.conftest import JANUARY, Clock

DEFAULT = load([], all_checks())
MFA = DEFAULT.controls["AC-02"]


def changed(control: Control) -> Library:
    """The default library with this control."""
    return replace(DEFAULT, controls={**DEFAULT.controls, control.id: control})


def approve(
    store: Store, *wanted: str, by: str = "Carl Ciso", promises: Library = DEFAULT
) -> approvals.Approval | None:
    """Approve these controls."""
    return approvals.approve(store, promises, wanted, by=by, reason="board of May", recorded_by="carl")


def test_an_approval_is_for_one_wording(store: Store, clock: Clock) -> None:
    """From its record on, and only as long as the control says the same."""
    before = clock()
    recorded = clock.advance(60)
    made = approve(store, "AC-02", "AC-01")
    assert made is not None
    with store.read() as conn:
        (loaded,) = known = approvals.load(conn)

    assert (made.id, made.by, made.reason, loaded) == ("A-0001", "Carl Ciso", "board of May", made)
    assert made.controls["AC-02"] == version_of(MFA)
    assert approvals.of(MFA, known, before) is None
    assert approvals.of(MFA, known, recorded) == approvals.Approved("Carl Ciso", "A-0001", recorded)
    assert approvals.of(replace(MFA, sla_days=3), known, recorded) is None
    assert approvals.of(DEFAULT.controls["AC-03"], known, recorded) is None


def test_the_file_can_name_who_approved(store: Store) -> None:
    """Then nothing has to be recorded."""
    own = replace(MFA, approved_by="CEO")

    assert approvals.of(own, (), JANUARY) == approvals.Approved("CEO", approvals.THE_FILE, None)
    assert approve(store, "AC-02", promises=changed(own)) is None


def test_only_what_is_missing_is_recorded(store: Store) -> None:
    """A second approval of everything has only what changed since."""
    first = approve(store, *DEFAULT.controls)
    assert first is not None
    assert first.controls.keys() == DEFAULT.controls.keys()
    assert approve(store, *DEFAULT.controls) is None
    again = approve(store, *DEFAULT.controls, by="Dana", promises=changed(replace(MFA, owner="Somebody else")))
    assert again is not None
    assert (again.id, list(again.controls)) == ("A-0002", ["AC-02"])


def test_a_library_from_the_ledger_has_the_same_versions() -> None:
    """What was approved from the settings is found again in the version that the ledger keeps."""
    kept = library.from_json(canon.parse_canonical(library.body(DEFAULT)))

    assert {name: version_of(each) for name, each in kept.controls.items()} == {
        name: version_of(each) for name, each in DEFAULT.controls.items()
    }


@pytest.mark.parametrize(
    ("wanted", "by", "message"),
    [
        ("AC-02", " ", "--by: is empty"),
        ("AC-02", "a\x1bb", "--by 'a"),
        ("AC-022", "Carl", "CONTROL 'AC-022': there is no control of that name; did you mean 'AC-02'"),
    ],
)
def test_bad_approvals_are_refused(store: Store, wanted: str, by: str, message: str) -> None:
    """One line that says what is wrong, and nothing goes on record."""
    with pytest.raises(OperatorError, match=f"^{message}"):
        approve(store, wanted, by=by)
    with store.read() as conn:
        assert approvals.load(conn) == ()


@pytest.mark.parametrize(
    "changes", [{"by": ""}, {"controls": {}}, {"controls": {"AC-02": 1}}, {"more": 1}, {"form": 2}]
)
def test_a_strange_statement_is_damage(store: Store, changes: dict[str, object]) -> None:
    """Nobody but this program writes them, so one that it never writes is no approval."""
    said = {"form": 1, "by": "Carl", "reason": "", "recorded_by": "carl", "controls": {"AC-02": "a" * 64}}
    seal.append_statement(store, approvals.KIND, canon.canonical({**said, **changes}))
    with store.read() as conn, pytest.raises(IntegrityError, match="control-approval"):
        approvals.load(conn)


def test_an_editorial_change_can_be_approved_on_record(store: Store, clock: Clock) -> None:
    """Without an approval the change splits a period, and lint says so; with one on record it does neither."""
    edited = replace(MFA, text="We let nobody in with a password alone.", editorial=True)
    versions = [Version(JANUARY, 1, DEFAULT), Version(JANUARY + DAY, 2, changed(edited))]
    clock.time = JANUARY + 2 * DAY
    approve(store, "AC-02", promises=changed(edited))
    with store.read() as conn:
        known = approvals.load(conn)

    def cuts(at: int) -> int:
        period = type("Period", (), {"begins": JANUARY, "ends": JANUARY + 5 * DAY})()
        return len(library.segments(approvals.applied(versions, known, at), "AC-02", period))

    assert (cuts(clock() - 1), cuts(clock())) == (2, 1)
    issues = [lint(changed(edited), all_checks(), approved) for approved in ((), ("AC-02",))]
    assert [[issue.key for issue in found if issue.key == "editorial"] for found in issues] == [["editorial"], []]


@pytest.fixture
def shell(
    store: Store, clock: Clock, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Said]:
    """The command line over the planted history, an hour after its end."""
    plant(store, clock)
    clock.time = END + 3_600_000_000
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    return lambda *words: say(*words, "--database", database_url)


def test_commands(shell: Callable[..., Said], store: Store, clock: Clock) -> None:
    """Approve, list and show; `type1` takes it from then on, and a control that changed needs a new one."""
    none = shell("controls", "approve", "--all", "--by", " ")
    assert (none.code, "--by: is empty" in none.err) == (2, True)
    assert "0 of 90 controls are approved as they stand; `proofkeep controls approve`" in shell("controls").out
    assert "approved by" in shell("controls", "AC-02").out
    assert "nobody, as it stands" in shell("controls", "AC-02").out

    said = shell("controls", "approve", "AC-02", "EN-05", "--by", "Carl  Ciso", "--reason", "board", "--json").json
    assert (said["id"], said["by"], list(said["controls"])) == ("A-0001", "Carl Ciso", ["AC-02", "EN-05"])
    shown = shell("controls", "AC-02", "--json").json["approved"]
    assert shown == {"by": "Carl Ciso", "where": "A-0001", "at": agent_clock.iso(clock.time)}
    assert "Carl Ciso (A-0001, recorded " in shell("controls", "show", "AC-02").out
    assert "2 of 90 controls are approved" in shell("controls").out
    listed = shell("controls", "approve", "--list")
    assert "1 approvals; 88 of 90 controls are not approved as they stand" in listed.out
    (one,) = shell("controls", "approve", "--list", "--json").json
    assert one["still_as_approved"] == ["AC-02", "EN-05"]
    again = shell("controls", "approve", "AC-02", "--by", "Carl")
    assert again.out == "each of them is approved as it stands; nothing was recorded\n"
    with store.read() as conn:
        assert len(reads.statements(conn, {approvals.KIND})) == 1


def test_type_one_honors_it(shell: Callable[..., Said], store: Store, clock: Clock) -> None:
    """The planted library's unapproved control is deficient until the very version of it is approved."""
    with store.read() as conn:
        version = library.versions(conn)[-1]
    assert version.library is not None
    seal.append_policy(store, library.POLICY, library.body(version.library))
    before = clock.time
    clock.advance(60)
    approvals.approve(store, version.library, ["EN-05"], by="Carl", reason="", recorded_by="carl")

    def result(at: int) -> str:
        (found,) = shell("type1", "--at", agent_clock.iso(at), "--control", "EN-05", "--json").json["controls"]
        return str(found["result"])

    assert (result(before), result(clock.time)) == ("design_deficiency", "designed_and_implemented")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "say which controls"),
        (("--all", "AC-02"), "say which controls"),
        (("--list", "--all"), "--list: stands beside"),
    ],
)
def test_unclear_commands_are_refused(words: tuple[str, ...], message: str) -> None:
    """Before anything is looked at."""
    said = say("controls", "approve", *words, "--by", "Carl")

    assert (said.code, message in said.err) == (2, True)
