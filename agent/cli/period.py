"""`proofkeep period`: how the controls operated over a period, by the recorded evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import Exit, OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.audit.state import Missing
    from agent.evaluation.conclude import Concluded
    from agent.evaluation.periods import Evaluation

FEW = 5
"""How many gaps of one control are printed before the rest is only counted."""


@click.command()
@click.option("--from", "begins", type=INSTANT, required=True, help="First moment of the period (ISO 8601, UTC).")
@click.option("--to", "ends", type=INSTANT, required=True, help="First moment after the period.")
@click.option("--control", help="Only this control.")
@click.option("--criterion", help="Only the controls of this criterion.")
@click.option("--as-of", type=INSTANT, help="Only what was recorded by then: evidence, library, exceptions.")
@click.option("--verify", "whole", is_flag=True, help="Verify the whole store first; runs that fail it do not count.")
@click.option("--ipe", is_flag=True, help="With each deviation, the sheet of each document that it rests on.")
@click.option("--store", "keep", is_flag=True, help="Put the evaluation on record, with all that it was asked with.")
@common
def command(
    given: Given,
    begins: int,
    ends: int,
    control: str | None,
    criterion: str | None,
    as_of: int | None,
    whole: bool,
    ipe: bool,
    keep: bool,
) -> int:
    """How each control operated from --from until --to, with every deviation and gap, and the way down from each.

    Controls are judged by the library that was in force, segment by segment, over every recorded verdict; what people
    did, by what was attested.  Conclusions are this tool's evaluation of recorded evidence; the auditor concludes.
    """
    if ipe and control is None:
        raise click.UsageError("--ipe: needs --control; the sheets of all controls would fill books")
    if control is not None and criterion is not None:
        raise click.UsageError("--criterion: stands beside --control; give one of them")
    from agent import checkpoints, clock  # noqa: PLC0415  # brings the store
    from agent.evaluation import periods, sheets, told  # noqa: PLC0415
    from agent.evaluation.reliability import Verified  # noqa: PLC0415
    from agent.verify import verify  # noqa: PLC0415

    wiring = given.wiring()
    now = clock.now()
    if as_of is not None and as_of > now:
        raise OperatorError(f"--as-of {clock.iso(as_of)}: lies in the future; write an earlier time")
    with given.store() as store:
        verified = Verified.of(verify(store)) if whole else None
        question = periods.Question(
            begins=begins,
            ends=ends,
            as_of=now if as_of is None else as_of,
            control=control,
            criterion=criterion,
            parameters=given.settings().audit.parameters(),
            verified=verified,
        )
        with store.read() as conn:
            found = periods.evaluate(conn, wiring, question)
        result = told.to_json(found)
        behind = {"ipe": sheets.of_evaluation(store, wiring, found)} if ipe else {}
        kept = None
        if keep:
            checkpoints.refuse_rollback(store, given.settings())
            kept = periods.put_on_record(store, found, result)
    if given.as_json:
        print_json({**result, **behind, "stored": kept and {"entry": kept[0], "result_sha256": kept[1]}})
    else:
        _show(found)
        _section("Documents behind the deviations", sheets.lines(behind.get("ipe", ())))
        if kept is not None:
            from agent.cli.render import line  # noqa: PLC0415

            line(f"on record as ledger entry {kept[0]}; SHA-256 of the result: {kept[1]}")
    return Exit.OK if verified is None or verified.clean else Exit.INTEGRITY


def _show(found: Evaluation) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415
    from agent.evaluation.told import WORDS  # noqa: PLC0415

    known = found.known
    line(f"from {clock.iso(known.asked.begins)} until {clock.iso(known.asked.ends)}; {found.library.scope.words()}")
    line(
        f"evidence recorded until {clock.iso(known.as_of)}, ledger entry {known.position}; control library "
        f"{found.library.digest[:12]} of entry {found.version.seq}"
    )
    if found.interim:
        line(f"the period was not over: evaluated until {clock.iso(known.period.ends)}")
    if found.seal:
        line(f"its evidence was sealed at {clock.iso(found.seal.at)} (ledger entry {found.seal.seq})")
    if found.follows and (hole := found.follows.line()):
        line(hole, style="bold yellow")
    for text in found.known.trust.lines(known.period):
        line(text)
    line(WORDS)
    table(
        ("control", "criteria", "conclusion", "coverage", "deviations", "why"),
        [_row(each) for each in found.controls.values()],
        title="Controls",
    )
    for each in found.controls.values():
        _show_details(each, found)
    _section("Providers", found.vendors.lines(found.words))
    _section("Commitments", found.promises.lines(found.words))
    _section("Added after the evidence was sealed", (each.line() for each in found.added))
    if found.criteria:
        table(
            ("criterion", "status", "why", "controls"),
            [
                (name, each.status.replace("_", " "), each.reason.replace("_", " "), ", ".join(each.controls))
                for name, each in found.criteria.items()
            ],
            title="Criteria",
        )
    if found.rolled is None:
        line("no estimate: it needs every criterion in scope")
        return
    for category in found.rolled.categories:
        counted = ", ".join(
            f"{len(names)} {status.replace('_', ' ')}" for status, names in category.by_status().items()
        )
        line(f"{category.category.replace('_', ' ')}: {counted}")
    line()
    for text in found.rolled.estimate.lines():
        line(text)


def _section(title: str, texts: Iterable[str]) -> None:
    """Lines under a heading of their own; nothing without lines."""
    from agent.cli.render import line  # noqa: PLC0415

    for number, text in enumerate(texts):
        if not number:
            line(title, style="bold")
        line(f"  {text}")


def _row(each: Concluded) -> tuple[str, ...]:
    return (
        each.control.id,
        ", ".join(one.id for one in each.control.criteria),
        each.word.replace("_", " "),
        "-" if each.coverage is None else f"{each.coverage:.2%}",
        str(each.deviations),
        "; ".join(each.reasons),
    )


def _show_details(each: Concluded, found: Evaluation) -> None:
    """Segments, deviations, exceptions, gaps and notes of one control, if it has any."""
    from agent import clock  # noqa: PLC0415
    from agent.cli.occasions import told  # noqa: PLC0415
    from agent.cli.render import line  # noqa: PLC0415
    from agent.evaluation.told import deviation_to_json  # noqa: PLC0415

    lines: list[str] = []
    if len(each.parts) > 1:
        for part in each.parts:
            word = part.conclusion.replace("_", " ") if part.conclusion else part.why or "does not apply"
            entry = f"library entry {part.version.seq}" if part.version else "no library"
            lines.append(f"segment {clock.iso(part.period.begins)} … {clock.iso(part.period.ends)}, {entry}: {word}")
    lines += (text for part in each.parts if part.people and part.people.events for text in told(part.people.events))
    for part in each.parts:
        if part.state is None:
            continue
        if part.ipe is not None and part.ipe.doubted:
            lines.append(f"evidence: {part.ipe.line()}")
        for one in part.state.deviations:
            said = deviation_to_json(one, each.control.id, found.known)
            ended = f"{said['ended_by']} {said['ended_at']}" if said["ended_at"] else "open at the end"
            marks = ["late" if said["late"] else "in time", "counted" if said["counted"] else "not counted"]
            marks += [word.replace("_", " ") for word in ("serious", "carried_in", "resumed") if said[word]]
            marks += [f"waived by {', '.join(said['waived_by'])}"] if said["waived_by"] else []
            marks += [f"compensated by {one.compensated_by}"] if one.compensated_by else []
            lines.append(f"failing: {said['check']}, {said['target']}, {said['resource']}: {', '.join(marks)}")
            lines.append(
                f"  last good {said['last_pass_at'] or 'never seen'}, first bad {said['detected_at']}, "
                f"last bad {said['last_fail_at']}, {ended}; {said['age_hours']:g} h"
            )
            entries = (f"{name.replace('_', ' ')} {seq}" for name, seq in said["entries"].items() if seq is not None)
            lines.append(f"  ledger entries: {', '.join(entries)}; {said['evidence']}")
        lines += [
            f"excused by {one.waiver}: {one.unit} from {clock.iso(one.begins)} until {clock.iso(one.ends)}"
            for one in part.state.excused
        ]
        lines += [_gap(gap) for gap in part.state.gaps[:FEW]]
        if len(part.state.gaps) > FEW:
            lines.append(f"and {len(part.state.gaps) - FEW} more gaps; --json lists all")
    lines += [f"note: {note}" for note in each.notes]
    if lines:
        line(f"{each.control.id}  {each.control.title}", style="bold")
        for text in lines:
            line(f"  {text}")


def _gap(missing: Missing) -> str:
    from agent import clock  # noqa: PLC0415

    gap, names = missing.gap, missing.units
    told = names[0] if len(names) == 1 else f"{len(names)} units, among them {names[0]}"
    return f"gap: {clock.iso(gap.begins)} … {clock.iso(gap.ends)} ({gap.slots} slots), {gap.reason}: {told}"
