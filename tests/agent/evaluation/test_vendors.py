"""Providers: days that nothing covers, reports that nobody read, what they expect of us, and the control over them."""

from __future__ import annotations

import pytest

from agent import library
from agent.audit.conclusions import Conclusion
from agent.audit.parameters import DAY, Parameters
from agent.audit.periods import Period
from agent.evaluation import told
from agent.evaluation.periods import Evaluation, Question, evaluate
from agent.evaluation.registered import Register
from agent.evaluation.vendors import NO_REGISTER, Watched, watch
from agent.registers import imports
from agent.registers.imports import Extract, Import
from agent.registers.parsing import parse
from agent.wiring import Wiring
from checks.controls import load
from checks.library import Library
from checks.registry import all_checks
from checks.scope import choose
from collectors.registry import collectors_of
from storage import seal
from storage.attachments import Attached, Attachment
from storage.engine import Store
from storage.rows import Outcome
from tests.agent.evaluation.planted import MFA, thing
from tests.conftest import JANUARY, Clock
from tests.storage.builders import bucket, document, run

DEFAULT = load([], all_checks())
PERIOD = Period(JANUARY, JANUARY + 90 * DAY)
HEADER = (
    "vendor,service,method,critical,cuecs,report_type,report_from,report_to,bridge_from,bridge_to,"
    "reviewed_by,reviewed_at,opinion,exceptions\n"
)
WHOLE = "Cumulus,hosting,carve-out,yes,,soc2-type2,2025-07-01,2026-06-30,,,Ana,2026-07-10,unqualified,\n"


def register(rows: str, as_of: int = PERIOD.ends) -> Register:
    """A register with these rows, drawn at the end of the period."""
    content = (HEADER + rows).encode()
    found = parse("vendors", "vendors.csv", content)
    made = Import(
        id="R-0001",
        seq=7,
        recorded_at=as_of,
        rows=len(found),
        file=Attached.of(Attachment("vendors.csv", "text/csv", as_of, content)),
        register="vendors",
        source="vendor tool",
        performed_by="Ana",
        uploaded_by="ana",
        as_of=as_of,
    )
    return Register(made, found)


def weigh(rows: str, **more: int) -> Watched:
    """The register with these rows over ninety days."""
    return watch(register(rows, **more), PERIOD, Parameters())


def row(service: str, report: str, bridge: str = ",", reviewed: str = "Ana,2026-03-31") -> str:
    """A critical service by the carve-out method with this report and bridge letter."""
    return f"Cumulus,{service},carve-out,yes,,soc2-type2,{report},{bridge},{reviewed},unqualified,\n"


def test_without_a_register() -> None:
    """It is said, and is never a pass."""
    found = watch(None, PERIOD, Parameters())
    assert (found.conclusion, found.reasons) == (Conclusion.UNABLE_TO_CONCLUDE, (NO_REGISTER,))
    assert list(found.lines({})) == [NO_REGISTER]
    assert found.to_json({})["register"] is None


def test_every_day_covered_by_a_report_that_was_read() -> None:
    """The control works."""
    found = weigh(WHOLE)
    assert (found.conclusion, found.deviations) == (Conclusion.EFFECTIVE, 0)
    assert found.services[0].coverage.uncovered_days == 0


@pytest.mark.parametrize(
    ("report", "bridge", "uncovered", "conclusion"),
    [
        ("2025-04-01,2026-03-30", ",", 1, Conclusion.EFFECTIVE_WITH_DEVIATIONS),
        ("2025-04-01,2026-03-27", ",", 4, Conclusion.EFFECTIVE_WITH_DEVIATIONS),
        ("2025-04-01,2026-03-26", ",", 5, Conclusion.NOT_EFFECTIVE),
        ("2025-01-01,2025-12-31", "2026-01-01,2026-03-31", 0, Conclusion.EFFECTIVE),
        ("2024-10-01,2025-09-30", "2025-10-01,2026-03-31", 90, Conclusion.NOT_EFFECTIVE),
        ("2024-11-01,2025-10-31", "2025-11-01,2026-03-31", 59, Conclusion.NOT_EFFECTIVE),
    ],
)
def test_uncovered_days(report: str, bridge: str, uncovered: int, conclusion: Conclusion) -> None:
    """One day is a deviation, more than a twentieth of all days too many; a letter carries 92 days."""
    found = weigh(row("hosting", report, bridge))
    (service,) = found.services
    assert service.coverage.uncovered_days == uncovered
    assert found.conclusion is conclusion
    assert found.deviations == (uncovered > 0)
    assert any(f"Cumulus, hosting: {uncovered} days are not covered" in one for one in found.reasons) == (uncovered > 0)


def test_reports_join_each_other() -> None:
    """Two reports of one service that follow each other cover what neither does alone."""
    found = weigh(row("hosting", "2025-01-01,2026-01-31") + row("hosting", "2026-02-01,2026-03-31"))
    assert [each.coverage.uncovered_days for each in found.services] == [0]


@pytest.mark.parametrize(
    "other",
    [
        "Nimbus,mail,inclusive,yes,,soc2-type2,2024-01-01,2024-12-31,,,,,,\n",
        "Nimbus,mail,carve-out,no,,soc2-type2,2024-01-01,2024-12-31,,,,,,\n",
        "Nimbus,mail,carve-out,no,,none,,,,,,,,\n",
    ],
)
def test_only_critical_carve_outs_count(other: str) -> None:
    """The days of the others are shown, and are no deviation."""
    found = weigh(WHOLE + other)
    assert (found.conclusion, found.services[1].coverage.uncovered_days) == (Conclusion.EFFECTIVE, 90)
    assert [each["deviation"] for each in found.to_json({})["services"]] == [False, False]


@pytest.mark.parametrize(
    ("reviewed", "why"),
    [
        (",", "no review is on record"),
        ("Ana,2026-03-01", "its review of 2026-03-01T00:00:00Z is older than its end"),
    ],
)
def test_a_report_that_nobody_read(reviewed: str, why: str) -> None:
    """It covers the days, and the control that reads it did not work."""
    found = weigh(row("hosting", "2025-04-01,2026-03-31", reviewed=reviewed))
    assert (found.conclusion, found.deviations) == (Conclusion.NOT_EFFECTIVE, 1)
    assert found.services[0].unread == (f"Cumulus, hosting: soc2-type2 2025-04-01…2026-03-31: {why}",)


def test_an_old_report_need_not_be_read_again() -> None:
    """Only what reaches into the period counts."""
    found = weigh(WHOLE + row("hosting", "2024-01-01,2024-12-31", reviewed=","))
    assert (found.conclusion, found.deviations) == (Conclusion.EFFECTIVE, 0)


def test_a_list_that_was_drawn_early() -> None:
    """It cannot show that no provider came later; a deviation that it proves stands all the same."""
    early = PERIOD.ends - 1
    assert weigh(WHOLE, as_of=early).conclusion is Conclusion.UNABLE_TO_CONCLUDE
    assert watch(register(WHOLE, early), PERIOD, Parameters(), interim=True).conclusion is Conclusion.EFFECTIVE
    gone = row("hosting", "2024-01-01,2024-12-31")
    assert weigh(gone, as_of=early).conclusion is Conclusion.NOT_EFFECTIVE


def test_nobody_to_watch() -> None:
    """A complete register without a critical provider leaves nothing to do."""
    assert weigh("").conclusion is Conclusion.NOT_OPERATED
    assert weigh("", as_of=JANUARY).conclusion is Conclusion.UNABLE_TO_CONCLUDE


def test_what_it_expects_of_us_and_what_its_auditor_said() -> None:
    """Each expectation with our controls and where they stand; opinion and exceptions are passed on."""
    found = weigh(
        "Cumulus,hosting,carve-out,yes,use MFA -> AC-02 AC-99; lock doors,soc1-type2,2025-07-01,2026-06-30,,,Ana,"
        "2026-07-10,qualified,one late review\n"
    )
    (service,) = found.to_json({"AC-02": "effective"})["services"]
    assert service["cuecs"] == [
        {"text": "use MFA", "controls": {"AC-02": "effective", "AC-99": "not evaluated"}},
        {"text": "lock doors", "controls": {}},
    ]
    lines = list(found.lines({"AC-02": "not_effective"}))
    assert "  it expects of us: use MFA: AC-02 not effective, AC-99 not evaluated" in lines
    assert "  it expects of us: lock doors: no control of ours is named" in lines
    assert [each.rpartition("30: ")[2] for each in service["notes"]] == [
        "its auditor's opinion is qualified",
        "exceptions: one late review",
        "speaks of controls over financial reporting",
    ]


# From the store


def wiring() -> Wiring:
    """The control over providers, and one that a provider expects."""
    kept = {name: DEFAULT.controls[name] for name in ("AC-02", "VN-02")}
    return Wiring(all_checks(), collectors_of("aws"), Library(kept, {}, f"{9:064x}", choose(categories=["security"])))


def plant(store: Store, clock: Clock) -> None:
    """Ninety days with a run each, and no register yet."""
    seal.append_policy(store, library.POLICY, library.body(wiring().library))
    for day in range(90):
        clock.time = JANUARY + day * DAY
        said = {(MFA, thing("alice")): (Outcome.PASS, "PASS")} if not day else {}
        run(store, clock, clock.time, documents={bucket("a"): document("a")}, verdicts=said)
    clock.time = PERIOD.ends


def put(store: Store, rows: str, kind: str = "vendors") -> Import:
    """Import a register now."""
    extract = Extract(
        register=kind, source="tool", performed_by="Ana", uploaded_by="ana", as_of=store.now(), counted=None
    )
    return imports.record(store, wiring(), extract, Attachment(f"{kind}.csv", "text/csv", store.now(), rows.encode()))


def ask(store: Store, as_of: int) -> Evaluation:
    """Everything about the ninety days."""
    with store.read() as conn:
        return evaluate(conn, wiring(), Question(begins=PERIOD.begins, ends=PERIOD.ends, as_of=as_of))


def test_the_default_library_has_a_control_that_watches() -> None:
    """By its own key, so that a company may let another one do it."""
    assert [each.id for each in DEFAULT.controls.values() if each.monitors == "vendors"] == ["VN-02"]
    assert library.from_json(library.to_json(DEFAULT)).controls["VN-02"].monitors == "vendors"


def test_the_register_decides_on_the_control(store: Store, clock: Clock) -> None:
    """The newest one at the evidence cut-off; before the first, nothing can be said."""
    plant(store, clock)
    put(store, HEADER + row("hosting", "2025-04-01,2026-03-30"))
    first = clock.time
    clock.time += DAY
    whole = row("hosting", "2025-04-01,2026-03-31", reviewed="Ana,2026-04-01")
    put(store, HEADER + whole.replace("yes,,", "yes,use MFA -> AC-02,"))
    before, then, now = (ask(store, at).controls["VN-02"] for at in (PERIOD.ends - 1, first, clock.time))
    assert [each.conclusion for each in (before, then, now)] == [
        Conclusion.UNABLE_TO_CONCLUDE,
        Conclusion.EFFECTIVE_WITH_DEVIATIONS,
        Conclusion.EFFECTIVE,
    ]
    assert [each.deviations for each in (before, then, now)] == [0, 1, 0]
    assert NO_REGISTER in before.reasons
    assert "Cumulus, hosting: 1 days are not covered" in then.reasons
    assert not [note for note in now.notes if "no check tests it" in note]
    said = told.to_json(ask(store, clock.time))["vendors"]
    assert (said["register"]["import"], said["register"]["rows"]) == ("R-0002", 1)
    (cuec,) = said["services"][0]["cuecs"]
    assert cuec == {"text": "use MFA", "controls": {"AC-02": ask(store, clock.time).controls["AC-02"].word}}
