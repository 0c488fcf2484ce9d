"""`proofkeep controls`: where each criterion and control stands, now or at a time; and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.findings import OUTCOMES, known
from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import Exit

if TYPE_CHECKING:
    from agent.standing import Standing
    from agent.wiring import Wiring
    from checks.library import Control
    from checks.lint import Issue

LINT = "lint"
"""Stands where a control's id may stand; no id looks like it."""
OUT = "OUT_OF_SCOPE"
"""Shown in place of the state of a criterion that the engagement is not about."""


@click.command()
@click.argument("control", required=False, metavar="[CONTROL|lint]")
@click.option("--as-of", type=INSTANT, help="The moment to look at (ISO 8601, UTC); default: now.")
@click.option("--criterion", help="Only this criterion.")
@common
def command(given: Given, control: str | None, as_of: int | None, criterion: str | None) -> Exit:
    """Where each criterion stands, with its controls; with CONTROL, everything about that one.

    A control's state is the worst of its checks.  MANUAL controls need people's evidence, NOT_AUTOMATED ones have no
    check yet.

    `controls lint` instead looks for what an auditor would stumble over: wording and policy that disagree, criteria
    without a key control, missing due dates, compensation that does not hold.  Exit code 2 when there is an error.
    """
    if control == LINT:
        if as_of is not None or criterion is not None:
            raise click.UsageError("lint: looks at the whole library as it is now; leave out --as-of and --criterion")
        return _lint(given)
    from agent.standing import findings, standing  # noqa: PLC0415  # brings the store
    from checks.criteria import all_criteria  # noqa: PLC0415

    wiring = given.wiring()
    known(control, wiring.library.controls, "CONTROL")
    known(criterion, all_criteria(), "--criterion")
    with given.store() as store:
        stands = standing(findings(store, wiring, as_of=as_of), wiring)
    if control is not None:
        one = wiring.library.controls[control]
        print_json(_one_json(one, wiring, stands)) if given.as_json else _show_one(one, wiring, stands)
    elif given.as_json:
        print_json(matrix_json(wiring, stands, criterion))
    else:
        show_matrix(wiring, stands, criterion)
    return Exit.OK


def _lint(given: Given) -> Exit:
    from checks.lint import Level, lint  # noqa: PLC0415

    wiring = given.wiring()
    found = lint(wiring.library, wiring.checks)
    print_json([issue_json(issue) for issue in found]) if given.as_json else show_issues(
        found, len(wiring.library.controls)
    )
    return Exit.CONFIGURATION if any(issue.level is Level.ERROR for issue in found) else Exit.OK


def issue_json(issue: Issue) -> dict[str, str]:
    """One thing to mend, for programs."""
    return {
        "level": issue.level.value,
        "file": issue.file,
        "control": issue.control,
        "key": issue.key,
        "problem": issue.problem,
        "fix": issue.fix,
    }


def show_issues(found: list[Issue], controls: int) -> None:
    """Print each issue in a line of its own, never wrapped, and how many there are."""
    from agent.cli.render import printable  # noqa: PLC0415
    from checks.lint import Level  # noqa: PLC0415

    for issue in found:
        click.echo(printable(issue.line()))
    errors = sum(issue.level is Level.ERROR for issue in found)
    warnings = len(found) - errors
    click.echo(f"{controls} controls: {errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}")


def control_json(control: Control, stands: Standing, compensators: tuple[str, ...] = ()) -> dict[str, Any]:
    """One control with its state, for programs; `compensators` are the controls that make up for it."""
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
        "risk": control.risk,
        "compensated_by": list(compensators),
        "not_applicable": control.not_applicable,
        "effective_from": control.effective_from and control.effective_from.isoformat(),
        "effective_to": control.effective_to and control.effective_to.isoformat(),
        "approved_by": control.approved_by,
    }


def matrix_json(wiring: Wiring, stands: Standing, only: str | None) -> list[dict[str, Any]]:
    """Every criterion with its controls, for programs."""
    from checks.criteria import all_criteria  # noqa: PLC0415

    out = wiring.library.scope.out()
    return [
        {
            "criterion": criterion.id,
            "title": criterion.title,
            "category": criterion.category.value,
            "in_scope": criterion.id not in out,
            "out_of_scope_because": out.get(criterion.id, ""),
            "state": stands.criteria[criterion.id].value,
            "controls": [_one_json(control, wiring, stands) for control in wiring.library.serving(criterion.id)],
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

    scope = wiring.library.scope
    out = scope.out()
    if only is None:
        line(scope.words())
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("criterion", "state", "control", "pass", "fail", "unknown", "n/a"):
        drawn.add_column(column, justify="right" if column in ("pass", "fail", "unknown", "n/a") else "left")
    shown = [each for each in all_criteria().values() if only in (None, each.id)]
    for criterion in shown:
        drawn.add_row(
            Text(criterion.id, style="bold"),
            word(OUT if criterion.id in out else stands.criteria[criterion.id]),
            Text(criterion.title, style="bold"),
        )
        for control in wiring.library.serving(criterion.id):
            counts = stands.counts[control.id]
            numbers = ("PASS", "FAIL", "UNKNOWN", "NOT_APPLICABLE")
            cells = [str(sum(n for o, n in counts.items() if o == name) or "") for name in numbers]
            if waived := stands.waived[control.id]:
                cells[numbers.index("FAIL")] += f" ({waived} waived)"
            drawn.add_row("", word(stands.controls[control.id]), printable(f"{control.id} {control.title}"), *cells)
    console().print(drawn)
    criteria = Counter(OUT if each.id in out else stands.criteria[each.id].value for each in shown)
    controls = Counter(state.value for state in stands.controls.values())
    line(f"{len(shown)} criteria: " + ", ".join(f"{number} {state}" for state, number in criteria.most_common()))
    for reason in dict.fromkeys(out[each.id] for each in shown if each.id in out):
        names = ", ".join(each.id for each in shown if out.get(each.id) == reason)
        line(f"out of scope, {reason}: {names}")
    if only is None:
        idle = {control.id: control.not_applicable for control in wiring.library.controls.values()}
        for name, reason in {**idle, **wiring.library.disabled}.items():
            if reason:
                line(f"{'disabled' if name in wiring.library.disabled else 'does not apply'}, {name}: {reason}")
        line("States speak of automated checks only; what people do needs manual evidence. No state is an opinion.")
        line(
            f"{controls.total()} controls: "
            + ", ".join(f"{number} {state}" for state, number in controls.most_common())
        )


def _one_json(control: Control, wiring: Wiring, stands: Standing) -> dict[str, Any]:
    return control_json(control, stands, wiring.library.compensating(control.id))


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
        ("risk", control.risk),
        ("made up for by", ", ".join(wiring.library.compensating(control.id))),
        ("does not apply", control.not_applicable),
        ("in force from", control.effective_from),
        ("in force until", control.effective_to),
        ("approved by", control.approved_by),
    ):
        if said:
            facts.append((label, str(said)))
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
