"""The data for a bridge letter, and how periods join: from the store and on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent import clock as agent_clock
from agent import library
from agent.audit.bridge import MARK, BridgePack
from agent.audit.conclusions import Conclusion
from agent.audit.periods import Period
from agent.evaluation import bridge, seals
from agent.evaluation.periods import Question
from agent.registers import imports
from agent.registers.imports import Extract
from storage import seal
from storage.attachments import Attachment
from storage.engine import Store
from tests.agent.conftest import say
from tests.agent.evaluation.planted import DAY, END, NEW, plant, promises, wiring
from tests.conftest import JANUARY, Clock
from tests.house.test_files import OPINION
from tests.storage.builders import LAB, bucket, document, run

LAST = JANUARY + 30 * DAY
"""End of the last report."""
CHANGES = (
    "id,system,kind,deployed_at,deployed_by,description\n"
    "D-1,api,standard,2026-01-30,Ben,before the time\n"
    "D-2,api,emergency,2026-01-31,Ben,hotfix of the login\n"
    "D-3,api,standard,2026-03-22,Ben,after it\n"
)
INCIDENTS = (
    "id,title,severity,detected_at,resolved_at,data_involved\n"
    "I-1,long over,low,2026-01-02,2026-01-03,no\n"
    "I-2,still open,high,2026-01-20,,yes\n"
    "I-3,short outage,medium,2026-02-20,2026-02-21,no\n"
)


@pytest.fixture
def own(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """The planted history in a store of the test's own, at its end; one more account was read until the last report."""
    run(store, clock, JANUARY, LAB, documents={bucket("l"): document("l")})
    plant(store, clock)
    clock.time = END
    monkeypatch.setattr(agent_clock, "now", clock)
    monkeypatch.chdir(tmp_path)
    return store


def put(store: Store, kind: str, text: str, as_of: int) -> None:
    """Import a register."""
    extract = Extract(register=kind, source="tracker", performed_by="Ana", uploaded_by="ana", as_of=as_of)
    imports.record(store, wiring(), extract, Attachment(f"{kind}.csv", "text/csv", as_of, text.encode()))


def ask(store: Store, begins: int = LAST) -> BridgePack:
    """The pack since the last report."""
    with store.read() as conn:
        return bridge.pack(conn, wiring(), Question(begins=begins, ends=END, as_of=END))


def test_what_the_pack_holds(own: Store) -> None:
    """Conclusions, changes of controls and accounts, changes and incidents by the registers, gaps."""
    put(own, "changes", CHANGES, END)
    put(own, "incidents", INCIDENTS, END)
    found = ask(own)
    assert (found.begins, found.ends) == (LAST, END)
    assert found.controls["AC-02"] is Conclusion.EFFECTIVE
    assert found.controls["CF-03"] is Conclusion.EFFECTIVE_WITH_DEVIATIONS
    assert found.changes == ("2026-01-31T00:00:00Z, D-2, emergency, api: hotfix of the login",)
    assert found.incidents == (
        "2026-01-20T00:00:00Z, I-2, high, open, data involved: still open",
        "2026-02-20T00:00:00Z, I-3, medium, resolved 2026-02-21T00:00:00Z: short outage",
    )
    days, read, gone = found.system
    assert days.startswith("2026-03-03T00:00:00Z, ledger entry ")
    assert days.endswith(": control PI-06 changed in substance: sla_days")
    assert f"aws account {NEW.account} ({NEW.name}) is read from here on" in read
    assert gone.startswith("aws account 210987654321 (lab) was read last at 2026-01-01T00:00:00Z")
    (gap,) = [each for each in found.gaps if NEW.name in each]
    assert gap.startswith("2026-02-14T00:00:00Z … 2026-02-24T00:00:00Z, ACCOUNT_NOT_ONBOARDED")


def test_lists_that_nobody_supplied_or_that_end_early(own: Store) -> None:
    """A missing register is said to be missing, and one that was drawn earlier to end there."""
    put(own, "incidents", INCIDENTS, END - DAY)
    found = ask(own)
    assert found.changes is None
    assert found.incidents is not None
    assert found.incidents[0] == "the list R-0001 speaks of 2026-03-21T00:00:00Z only; what came later is not on it"
    assert "changes: not supplied" in found.lines()


def test_controls_that_came_and_went(own: Store, clock: Clock) -> None:
    """Each is told with its title or reason, and a change of wording as one."""
    clock.time = END - DAY // 2
    before = promises(3)
    kept = {name: each for name, each in before.controls.items() if name != "EN-05"}
    kept["AC-10"] = replace(kept["AC-10"], title="Rights are looked at")
    after = replace(before, controls=kept, disabled={"EN-05": "no stores left"}, digest="f" * 64)
    seal.append_policy(own, library.POLICY, library.body(after))
    clock.time = END
    said = [each.partition(": ")[2] for each in ask(own).system]
    assert "control EN-05 was removed: no stores left" in said
    assert "control AC-10 changed in wording: title" in said


def test_the_command(own: Store, database_url: str, tmp_path: Path) -> None:
    """UNAUDITED in every rendering; without --from it begins where the sealed period ended."""
    early = say("bridge", "--database", database_url)
    assert (early.code, "no period was sealed yet" in early.err) == (2, True)
    sealed = say(
        "seal", "--from", "2025-10-01", "--to", agent_clock.iso(LAST), "--reason", "report", "--database", database_url
    )
    assert sealed.code == 0
    text = say("bridge", "--database", database_url)
    data = say("bridge", "--database", database_url, "--json")
    given = say("bridge", "--from", "2026-02-01", "--to", "2026-03-01", "--database", database_url, "--json")
    files = [tmp_path / "pack.txt", tmp_path / "pack.json"]
    for path, more in zip(files, ((), ("--json",)), strict=True):
        said = say("bridge", "--database", database_url, "--out", str(path), *more)
        assert (said.code, said.out) == (0, f"written to {path}: UNAUDITED\n")
    assert [each.code for each in (text, data, given)] == [0, 0, 0]
    assert text.out.splitlines()[0] == MARK
    assert (data.json["mark"], data.json["begins"]) == (MARK, agent_clock.iso(LAST))
    assert (given.json["begins"], given.json["ends"]) == ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")
    assert data.json["parameters"]["bridge_letter_days"] == 92
    written = [path.read_text(encoding="utf-8") for path in files]
    assert written == [text.out, data.out]
    for each in (*written, given.out):
        assert "UNAUDITED" in each
        assert not OPINION.search(each)
    future = say("bridge", "--to", "2027-01-01", "--database", database_url)
    assert (future.code, "lies in the future" in future.err) == (2, True)
    lost = say("bridge", "--database", database_url, "--out", str(tmp_path / "no" / "pack.txt"))
    assert (lost.code, "cannot be written" in lost.err) == (2, True)


@pytest.mark.parametrize(
    ("begins", "gap", "overlap", "said"),
    [
        (LAST, 0, 0, ""),
        (LAST + DAY, 24, 0, "24 h lie between it and the period that was sealed before it, until 2026-01-31T00:00:00Z"),
        (LAST - DAY, 0, 24, "24 h of it belong to the period that was sealed before it, until 2026-01-31T00:00:00Z"),
    ],
)
def test_how_periods_join(own: Store, database_url: str, begins: int, gap: int, overlap: int, said: str) -> None:
    """A hole between two periods, or time that both have, is said."""
    assert say("seal", "--from", "2025-10-01", "--to", agent_clock.iso(LAST), "--database", database_url).code == 0
    asked = ("period", "--from", agent_clock.iso(begins), "--to", agent_clock.iso(END), "--control", "AC-02")
    found = say(*asked, "--database", database_url, "--json").json["follows"]
    assert (found["gap_hours"], found["overlap_hours"], found["seamless"]) == (gap, overlap, not said)
    text = say(*asked, "--database", database_url).out
    assert said in text
    assert ("sealed before it" in text) == bool(said)
    with own.read() as conn:
        assert seals.before(conn, Period(JANUARY - 200 * DAY, JANUARY), END) is None


def test_parameters_come_from_the_settings(own: Store, database_url: str, tmp_path: Path) -> None:
    """What `[audit]` says decides, and is stored with the evaluation."""
    (tmp_path / "proofkeep.toml").write_text(
        "[audit]\ncoverage_min = 0.99\nbridge_letter_days = 20\ntype1_hours = 1\ntype1_cadences = 1\n", encoding="utf-8"
    )
    asked = ("period", "--from", agent_clock.iso(JANUARY), "--to", agent_clock.iso(END), "--database", database_url)
    (control,) = say(*asked, "--control", "AC-02", "--json").json["controls"]
    assert control["conclusion"] == "unable_to_conclude"
    assert say(*asked, "--json", "--store").json["parameters"]["coverage_min"] == 0.99
    late = say("bridge", "--from", agent_clock.iso(LAST), "--database", database_url)
    assert "30 days beyond the 20 that a bridge letter is accepted for" in late.out
    at = say("type1", "--at", agent_clock.iso(END - 1), "--database", database_url, "--json").json
    assert at["parameters"]["type1_hours"] == 1
    (tmp_path / "proofkeep.toml").write_text("[audit]\ncoverage_min = 99\n", encoding="utf-8")
    bad = say(*asked)
    assert (bad.code, bad.err.count("\n")) == (2, 1)
    assert "audit.coverage_min" in bad.err
