"""`proofkeep controls`: where each criterion and control stands, now or at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.findings import OUTCOMES, known
from agent.cli.options import INSTANT, Given, common, print_json

if TYPE_CHECKING:
    from agent.standing import Standing
    from agent.wiring import Wiring
    from checks.controls import Control


@click.command()
@click.argument("control", required=False)
@click.option("--as-of", type=INSTANT, help="The moment to look at (ISO 8601, UTC); default: now.")
@click.option("--criterion", help="Only this criterion.")
@common
def command(given: Given, control: str | None, as_of: int | None, criterion: str | None) -> None:
    """Where each criterion stands, with its controls; with CONTROL, everything about that one.

    A control's state is the worst of its checks.  MANUAL controls need people's evidence, NOT_AUTOMATED ones have no
    check yet.
    """
    from agent.standing import findings, standing  # noqa: PLC0415  # brings the store
    from checks.criteria import all_criteria  # noqa: PLC0415

    wiring = given.wiring()
    known(control, wiring.library.controls, "CONTROL")
    known(criterion, all_criteria(), "--criterion")
    with given.store() as store:
        stands = standing(findings(store, wiring, as_of=as_of), wiring)
    if control is not None:
        one = wiring.library.controls[control]
        print_json(control_json(one, stands)) if given.as_json else _show_one(one, wiring, stands)
    elif given.as_json:
        print_json(matrix_json(wiring, stands, criterion))
    else:
        show_matrix(wiring, stands, criterion)


def control_json(control: Control, stands: Standing) -> dict[str, Any]:
    """One control with its state, for programs."""
    counts = stands.counts[control.id]
    return {
        "id": control.id,
        "title": control.title,
        "state": stands.controls[control.id].value,
        "kind": control.kind.value,
        "key": control.key,
        "severity": control.severity,
        "owner": control.owner,
        "frequency": control.frequency.value,
        "criteria": [{"id": each.id, "strength": each.strength.value, "why": each.why} for each in control.criteria],
        "checks": list(control.checks),
        "outcomes": {outcome.value: number for outcome, number in sorted(counts.items())},
        "waived": stands.waived[control.id],
        "not_covered": control.not_covered,
        "not_yet": control.not_yet,
    }


def matrix_json(wiring: Wiring, stands: Standing, only: str | None) -> list[dict[str, Any]]:
    """Every criterion with its controls, for programs."""
    from checks.criteria import all_criteria  # noqa: PLC0415

    return [
        {
            "criterion": criterion.id,
            "title": criterion.title,
            "category": criterion.category.value,
            "state": stands.criteria[criterion.id].value,
            "controls": [control_json(control, stands) for control in _controls_of(wiring, criterion.id)],
        }
        for criterion in all_criteria().values()
        if only in (None, criterion.id)
    ]


def show_matrix(wiring: Wiring, stands: Standing, only: str | None = None) -> None:
    """Print the control matrix by criterion."""
    from collections import Counter  # noqa: PLC0415

    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from agent.cli.render import console, line, printable, word  # noqa: PLC0415
    from checks.criteria import all_criteria  # noqa: PLC0415

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("criterion", "state", "control", "pass", "fail", "unknown", "n/a"):
        drawn.add_column(column, justify="right" if column in ("pass", "fail", "unknown", "n/a") else "left")
    shown = [each for each in all_criteria().values() if only in (None, each.id)]
    for criterion in shown:
        drawn.add_row(
            Text(criterion.id, style="bold"),
            word(stands.criteria[criterion.id]),
            Text(criterion.title, style="bold"),
        )
        for control in _controls_of(wiring, criterion.id):
            counts = stands.counts[control.id]
            numbers = ("PASS", "FAIL", "UNKNOWN", "NOT_APPLICABLE")
            cells = [str(sum(n for o, n in counts.items() if o == name) or "") for name in numbers]
            if waived := stands.waived[control.id]:
                cells[numbers.index("FAIL")] += f" ({waived} waived)"
            drawn.add_row("", word(stands.controls[control.id]), printable(f"{control.id} {control.title}"), *cells)
    console().print(drawn)
    criteria = Counter(stands.criteria[each.id].value for each in shown)
    controls = Counter(state.value for state in stands.controls.values())
    line(f"{len(shown)} criteria: " + ", ".join(f"{number} {state}" for state, number in criteria.most_common()))
    if only is None:
        line("States speak of automated checks only; what people do needs manual evidence. No state is an opinion.")
        line(
            f"{controls.total()} controls: "
            + ", ".join(f"{number} {state}" for state, number in controls.most_common())
        )


def _controls_of(wiring: Wiring, criterion: str) -> list[Control]:
    return [
        control
        for control in wiring.library.controls.values()
        if any(each.id == criterion for each in control.criteria)
    ]


def _show_one(control: Control, wiring: Wiring, stands: Standing) -> None:
    from agent.cli.render import line, table  # noqa: PLC0415

    line(f"{control.id} {control.title}", style="bold")
    line(control.text)
    facts = [
        ("state", stands.controls[control.id]),
        ("kind", control.kind),
        ("key control", "yes" if control.key else "no"),
        ("frequency", control.frequency),
        ("owner", control.owner),
        ("severity", control.severity),
        ("to be fixed within", f"{control.sla_days} days"),
        ("policy", control.policy),
        *(("criterion", f"{each.id} ({each.strength}): {each.why}") for each in control.criteria),
    ]
    for label, said in (
        ("not seen by checks", control.not_covered),
        ("procedure", control.procedure),
        ("due", control.due),
        ("not automated yet", control.not_yet),
    ):
        if said:
            facts.append((label, said))
    table(("", ""), facts)
    if control.checks:
        table(
            ("check", "title", "severity"),
            [
                (check_id, wiring.checks[check_id].title, wiring.checks[check_id].severity)
                for check_id in control.checks
            ],
        )
        counts = stands.counts[control.id]
        table(OUTCOMES, [[sum(n for o, n in counts.items() if o == name) for name in OUTCOMES]])
        if waived := stands.waived[control.id]:
            line(f"{waived} of the FAIL waived; `proofkeep waive list` tells why and until when")
