"""`proofkeep controls`: where each criterion and control stands, what is wrong with them, and who approved them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.findings import OUTCOMES, known, promised_at
from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from agent.approvals import Approved
    from agent.standing import Standing
    from agent.wiring import Wiring
    from checks.library import Control
    from checks.lint import Issue

OUT = "OUT_OF_SCOPE"
"""Shown in place of the state of a criterion that the engagement is not about."""


class _Show(click.Group):
    """A group in which nothing, an option or a control stands for `show` and that."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `show` before anything that is no command of the group."""
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Show, subcommand_metavar="[CONTROL] [OPTIONS] | COMMAND [ARGS]...")
def command() -> None:
    """Where each criterion and control stands; what is wrong with them; who approved them.

    `controls` and `controls CONTROL` are short for `controls show` and `controls show CONTROL`.
    """


@command.command()
@click.argument("control", required=False)
@click.option("--as-of", type=INSTANT, help="The moment to look at (ISO 8601, UTC); default: now.")
@click.option("--criterion", help="Only this criterion.")
@common
def show(given: Given, control: str | None, as_of: int | None, criterion: str | None) -> None:
    """Where each criterion stands, with its controls; with CONTROL, everything about that one.

    A control's state is the worst of its checks.  MANUAL controls need people's evidence, NOT_AUTOMATED ones have no
    check yet.  With --as-of, controls, criteria, scope, exceptions and approvals are those that were in force then.
    """
    from agent import approvals  # noqa: PLC0415  # brings the store
    from agent.standing import findings, standing  # noqa: PLC0415
    from checks.criteria import all_criteria  # noqa: PLC0415

    wiring = given.wiring()
    known(criterion, all_criteria(), "--criterion")
    with given.store() as store:
        wiring = promised_at(store, wiring, as_of).wired(wiring)
        known(control, wiring.library.controls, "CONTROL")
        stands = standing(findings(store, wiring, as_of=as_of), wiring)
        with store.read() as conn:
            approved = approvals.all_of(wiring.library, approvals.load(conn), store.now() if as_of is None else as_of)
    if control is not None:
        one = wiring.library.controls[control]
        if given.as_json:
            print_json(_one_json(one, wiring, stands, approved))
        else:
            _show_one(one, wiring, stands, approved.get(control))
    elif given.as_json:
        print_json(matrix_json(wiring, stands, criterion, approved))
    else:
        show_matrix(wiring, stands, criterion)
        _show_approved(wiring, approved)


def _show_approved(wiring: Wiring, approved: Mapping[str, Approved]) -> None:
    from agent.cli.render import line  # noqa: PLC0415

    missing = len(wiring.library.controls) - len(approved)
    line(
        f"{len(approved)} of {len(wiring.library.controls)} controls are approved as they stand"
        + ("; `proofkeep controls approve` puts an approval on record" if missing else "")
    )


@command.command()
@common
def lint(given: Given) -> Exit:
    """Look for what an auditor would stumble over in the whole library as it is now.

    Wording and policy that disagree, criteria without a key control, missing due dates, compensation that does not
    hold, an editorial change that nobody approved.  Exit code 2 when there is an error.
    """
    from checks.lint import Level  # noqa: PLC0415
    from checks.lint import lint as look  # noqa: PLC0415

    wiring = given.wiring()
    found = look(wiring.library, wiring.checks, _approved_now(given, wiring))
    print_json([issue_json(issue) for issue in found]) if given.as_json else show_issues(
        found, len(wiring.library.controls)
    )
    return Exit.CONFIGURATION if any(issue.level is Level.ERROR for issue in found) else Exit.OK


def _approved_now(given: Given, wiring: Wiring) -> Collection[str]:
    """The controls that are approved as they stand, as far as there is a store that could tell."""
    from agent import approvals  # noqa: PLC0415  # brings the store
    from storage.errors import SchemaAbsent, StoreUnreachable  # noqa: PLC0415

    try:
        with given.store() as store, store.read() as conn:
            return approvals.all_of(wiring.library, approvals.load(conn), store.now())
    except (SchemaAbsent, StoreUnreachable):
        return ()


@command.command()
@click.argument("controls", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every control that is not approved as it stands.")
@click.option("--by", default="", help="Who approves.")
@click.option("--reason", default="", help="Why, or by which decision.")
@click.option("--list", "listing", is_flag=True, help="Show every approval that was ever recorded, and record none.")
@common
def approve(given: Given, controls: tuple[str, ...], everything: bool, by: str, reason: str, listing: bool) -> None:
    """Put on record that somebody approved CONTROLS exactly as the library has them now.

    An approval is for one wording: once a control says something else, it needs a new one.  A control whose own file
    says approved_by needs none.
    """
    from agent import approvals, checkpoints, uploads  # noqa: PLC0415  # brings the store

    if listing:
        if controls or everything or by or reason:
            raise click.UsageError("--list: stands beside what is to be approved; leave that out")
        _list_approvals(given)
        return
    if bool(controls) == everything:
        raise click.UsageError("say which controls: name them, or write --all")
    library = given.wiring().library
    with given.store() as store:
        checkpoints.refuse_rollback(store, given.settings())
        made = approvals.approve(
            store, library, controls or tuple(library.controls), by=by, reason=reason, recorded_by=uploads.uploader()
        )
    if given.as_json:
        print_json(None if made is None else made.to_json())
    elif made is None:
        click.echo("each of them is approved as it stands; nothing was recorded")
    else:
        click.echo(f"{made.id} is on record (ledger entry {made.seq}): {made.by} approves {', '.join(made.controls)}")


def _list_approvals(given: Given) -> None:
    from agent import approvals, clock  # noqa: PLC0415  # brings the store
    from agent.cli.render import line, table  # noqa: PLC0415

    library = given.wiring().library
    with given.store() as store, store.read() as conn:
        made = approvals.load(conn)
        now = store.now()
    holds = {each.id: [name for name, one in library.controls.items() if approvals.covers(each, one)] for each in made}
    if given.as_json:
        print_json([{**each.to_json(), "still_as_approved": holds[each.id]} for each in made])
        return
    table(
        ("approval", "recorded", "by", "reason", "controls", "of these, changed since", "entry"),
        [
            (
                each.id,
                clock.iso(each.recorded_at),
                each.by,
                each.reason,
                ", ".join(each.controls),
                ", ".join(sorted(each.controls.keys() - set(holds[each.id]))),
                each.seq,
            )
            for each in made
        ],
    )
    missing = [name for name in library.controls if name not in approvals.all_of(library, made, now)]
    line(f"{len(made)} approvals; {len(missing)} of {len(library.controls)} controls are not approved as they stand")


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


def control_json(
    control: Control, stands: Standing, compensators: tuple[str, ...] = (), approved: Approved | None = None
) -> dict[str, Any]:
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
        "population": control.population,
        "join": control.join,
        "risk": control.risk,
        "compensated_by": list(compensators),
        "not_applicable": control.not_applicable,
        "effective_from": control.effective_from and control.effective_from.isoformat(),
        "effective_to": control.effective_to and control.effective_to.isoformat(),
        "approved_by": control.approved_by,
        "approved": approved and approved.to_json(),
    }


def matrix_json(
    wiring: Wiring, stands: Standing, only: str | None, approved: Mapping[str, Approved] | None = None
) -> list[dict[str, Any]]:
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
            "controls": [
                _one_json(control, wiring, stands, approved or {}) for control in wiring.library.serving(criterion.id)
            ],
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


def _one_json(control: Control, wiring: Wiring, stands: Standing, approved: Mapping[str, Approved]) -> dict[str, Any]:
    return control_json(control, stands, wiring.library.compensating(control.id), approved.get(control.id))


def _show_one(control: Control, wiring: Wiring, stands: Standing, approved: Approved | None) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415
    from checks.library import POPULATIONS  # noqa: PLC0415

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
        ("occasions", POPULATIONS.get(control.population)),
        ("held against", control.join),
        ("not automated yet", control.not_yet),
        ("risk", control.risk),
        ("made up for by", ", ".join(wiring.library.compensating(control.id))),
        ("does not apply", control.not_applicable),
        ("in force from", control.effective_from),
        ("in force until", control.effective_to),
    ):
        if said:
            facts.append((label, str(said)))
    said = "nobody, as it stands"
    if approved is not None:
        recorded = "" if approved.at is None else f", recorded {clock.iso(approved.at)}"
        said = f"{approved.by} ({approved.where}{recorded})"
    facts.append(("approved by", said))
    table(("", ""), facts)
    if control.checks:
        table(
            ("check", "title", "severity"),
            [
                (check_id, check.title, check.severity) if check else (check_id, "exists no more", "")
                for check_id in control.checks
                for check in [wiring.checks.get(check_id)]
            ],
        )
        counts = stands.counts[control.id]
        table(OUTCOMES, [[sum(n for o, n in counts.items() if o == name) for name in OUTCOMES]])
        if waived := stands.waived[control.id]:
            line(f"{waived} of the FAIL waived; `proofkeep waive list` tells why and until when")
