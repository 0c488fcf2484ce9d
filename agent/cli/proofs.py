"""How `proofkeep evidence` prints an answer, the way down from each verdict, and what was proven from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.asking.answer import Answer
    from agent.asking.around import Listing
    from agent.asking.outside import Outside
    from agent.asking.question import Pair
    from agent.evidence import Proof, Sealed

FEW_IDS = 3
DIGITS = 16
MANY = 50
"""How many verdicts, reads or slots of one list are printed before the rest is only counted."""


def show_answer(answer: Answer) -> None:
    """Print the answer: first what was asked and what came out, then everything that an auditor asks next."""
    from agent.asking.question import WORST_FIRST  # noqa: PLC0415
    from agent.cli.render import STYLES, line, printable  # noqa: PLC0415

    state, counts = answer.state, answer.counts
    counted = ", ".join(f"{counts[outcome]} {outcome}" for outcome in WORST_FIRST if counts[outcome])
    line(printable(f"{_asked(answer)}: {state}"), style=STYLES.get(state, "bold"))
    line(f"judged: {answer.resources} resources, {len(answer.pairs)} verdicts: {counted}")
    _show_promise(answer)
    _show_looked(answer)
    for listing in answer.listings:
        line(printable(_listing(listing)))
    _show_blind(answer)
    _show_gaps(answer)
    if not answer.question.span.is_moment:
        _show_day([pair for pair in answer.pairs if len(pair.held) > 1 or pair.worst in WORST_FIRST[:3]])
    line()


def _asked(answer: Answer) -> str:
    from agent import clock  # noqa: PLC0415

    question, control = answer.question, answer.control
    about = [
        *([f"{control.id} {control.title}"] if control else []),
        *([question.check] if question.check else []),
        *([f"resources with {question.resource!r}"] if question.resource else []),
    ]
    span = question.span
    when = (
        f"as of {clock.iso(span.begins)}"
        if span.is_moment
        else f"at every moment from {clock.iso(span.begins)} until {clock.iso(span.ends)}"
    )
    return f"{', '.join(about)}, {when}"


def _show_promise(answer: Answer) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, printable  # noqa: PLC0415

    version, control = answer.promised.version, answer.control
    if version is None:
        line(f"control library: {answer.promised.note}")
    else:
        line(
            f"control library: {answer.promised.library.digest[:DIGITS]} of ledger entry {version.seq}, in force since "
            f"{clock.iso(version.recorded_at)}"
        )
    for each in answer.versions:
        line(f"  it changed within that time, in ledger entry {each.seq} at {clock.iso(each.recorded_at)}")
    if control is not None:
        params = ", ".join(
            f"{check} {name} = {value}" for check, values in control.params.items() for name, value in values.items()
        )
        approved = answer.approved
        line(printable(f"the promise then: {control.text}"))
        line(
            printable(
                f"  tested by {', '.join(control.checks)}{f' with {params}' if params else ''}; "
                f"policy {control.policy}; approved by {approved.by if approved else 'nobody'}"
            )
        )
        if control.not_covered:
            line(printable(f"  no check sees this part: {control.not_covered}"))
    held = [
        f"{each.id} ({each.control}, {each.target}, {each.resource}; approved by {each.approved_by}, "
        f"{clock.iso(each.begins)} … {clock.iso(each.ends)})"
        for each in answer.waivers
    ]
    line(printable(f"exceptions in force then: {'; '.join(held) or 'none'}"))


def _show_looked(answer: Answer) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, printable  # noqa: PLC0415
    from agent.status import age  # noqa: PLC0415

    span = answer.question.span
    for each in answer.looked:
        runs = "" if span.is_moment else f"{len(each.runs) or 'NO'} runs in that time; "
        line(
            printable(
                f"read: {each.target.name} ({each.target.cloud} {each.target.account}): {runs}newest run by then is "
                f"ledger entry {each.newest.seq}, {each.newest.status}, {age(span.last - each.recorded)} before"
            )
        )
        if each.since is not None:
            line(f"  read since {clock.iso(each.since)} only; nothing is known of the time before")
    missed = answer.missed
    for one in missed[:MANY]:
        line(printable(f"  no result for the slot {clock.iso(one.slot)} of {one.target.name}: {one.reason} {one.text}"))
    if len(missed) > MANY:
        line(f"  and {len(missed) - MANY} more slots; --json lists all")


def _listing(listing: Listing) -> str:
    """How complete one population was, in a line."""
    runs = [f"{each.target.name}: {each.complete} of {each.runs} runs listed all" for each in listing.covers]
    second = [
        f"{each.source} ({each.target.name}): {each.counted if each.counted is not None else f'not read, {each.why}'}"
        for each in listing.second
    ]
    left = sorted({name for each in listing.covers for name in each.left_out})
    return (
        f"listing of {listing.name}: {listing.count} in force, {'complete' if listing.complete else 'NOT complete'}"
        f" ({'; '.join([*(runs if not listing.complete else []), *second]) or 'no second source'})"
        + (f"; left out by the configuration: {', '.join(left)}" if left else "")
    )


def _show_blind(answer: Answer) -> None:
    from agent.cli.render import line, table  # noqa: PLC0415

    if not answer.blind:
        line("nobody could look at: nothing")
        return
    table(
        ("nobody could look at", "check", "target", "operation", "needs", "said"),
        [
            (
                each.name or each.resource,
                each.check,
                each.target,
                ", ".join(one["operation"] for one in each.unread),
                ", ".join(one["permission"] for one in each.unread),
                ", ".join(f"{one['reason']} {one['error']}" for one in each.unread) or each.reason,
            )
            for each in answer.blind[:MANY]
        ],
    )
    if len(answer.blind) > MANY:
        line(f"and {len(answer.blind) - MANY} more; --json lists all")


def _show_gaps(answer: Answer) -> None:
    from agent.cli.render import line, table  # noqa: PLC0415

    if not answer.gaps:
        return
    table(
        ("gap", "target", "region", "operation", "needs", "what", "runs", "entries"),
        [
            (
                gap.reason,
                gap.target.name,
                gap.region,
                gap.operation,
                gap.permission,
                "a whole listing" if gap.listing else f"{gap.resources} resources",
                gap.runs,
                f"{gap.first_seq} … {gap.last_seq}",
            )
            for gap in answer.gaps[:MANY]
        ],
    )
    if len(answer.gaps) > MANY:
        line(f"and {len(answer.gaps) - MANY} more; --json lists all")


def _show_day(pairs: list[Pair]) -> None:
    """Each verdict that was not good, or not the same, all the time."""
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, table  # noqa: PLC0415

    if not pairs:
        line("no verdict was FAIL, ERROR or UNKNOWN at any time, and none changed")
        return
    table(
        ("worst", "check", "resource", "when"),
        [
            (
                pair.worst,
                pair.check,
                pair.subject.name or pair.subject.uid,
                "; ".join(
                    f"{each.outcome} {clock.iso(each.begins)} … {clock.iso(each.ends)} (entry {each.entry})"
                    for each in pair.held
                ),
            )
            for pair in pairs[:MANY]
        ],
    )
    if len(pairs) > MANY:
        line(f"and {len(pairs) - MANY} more; --json lists all")


def show_outside(outside: Outside) -> None:
    """Print each step of the proof, and the outcome in one line."""
    from agent.cli.render import line, printable  # noqa: PLC0415

    line()
    line("from outside the database", style="bold")
    for step in (*outside.steps, outside.judged_again):
        line(printable(f"  {step.name}: {step.said if not step.faults else 'FAULT'}"))
        for fault in step.faults:
            line(printable(f"    {fault}"), style="bold red")
    line(printable(outside.line()), style="bold green" if outside.verified else "bold red")


def show(proof: Proof) -> None:
    """Print one verdict and everything below it."""
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import STYLES, line, printable, table  # noqa: PLC0415
    from agent.evidence import values  # noqa: PLC0415

    finding = proof.finding
    line(
        printable(f"{finding.outcome} {finding.check}: {finding.name or finding.resource}"),
        style=STYLES[finding.outcome],
    )
    line(
        printable(
            f"{finding.resource} ({finding.resource_type}, {finding.region}) of {finding.target}, {finding.account}"
        )
    )
    line(printable(finding.reason))
    line(
        f"since {clock.iso(finding.since)} (ledger entry {proof.since.seq}); judged again in entry {proof.judged.seq}; "
        f"controls {', '.join(finding.control_ids) or 'none'}; criteria {', '.join(finding.criteria) or 'none'}"
    )
    if proof.facts:
        table(
            ("fact", "about", "field", "value"),
            [
                (type(fact).__name__, fact.resource.name, name, _said(value))
                for fact in proof.facts
                for name, value in values(fact)
            ],
        )
    if proof.documents:
        table(
            ("document", "about", "sha256", "first seen", "entry", "redacted", "changes by itself"),
            [
                (
                    source.kind,
                    source.uid,
                    source.sha256[:DIGITS],
                    clock.iso(source.first.recorded),
                    source.first.seq,
                    ", ".join(f"{path} ({rule})" for path, rule in source.redacted),
                    ", ".join(source.volatile),
                )
                for source in proof.documents
            ],
        )
        _calls(proof)
    entries: dict[int, Sealed] = {
        each.seq: each for each in (proof.since, *(source.first for source in proof.documents), proof.judged)
    }
    table(
        ("entry", "recorded", "run", "leaf", "checkpoint"),
        [
            (
                seq,
                clock.iso(each.recorded),
                each.status,
                each.leaf,
                "none yet" if each.checkpoint is None else f"{each.origin}, {each.checkpoint} entries",
            )
            for seq, each in sorted(entries.items())
        ],
    )


def _calls(proof: Proof) -> None:
    """Each call that answered one of the documents, once: too much for the columns of a table."""
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, printable  # noqa: PLC0415

    for source in {(source.first.seq, source.call["number"]): source for source in proof.documents}.values():
        call = source.call
        parameters = " ".join(f"{name}={value}" for name, value in call["parameters"].items())
        ids = " ".join(call["request_ids"][:FEW_IDS])
        more = f" and {len(call['request_ids']) - FEW_IDS} more" if len(call["request_ids"]) > FEW_IDS else ""
        line(printable(f"{call['service']}:{call['operation']} {parameters}"), style="bold")
        line(
            printable(
                f"    sent to {call['endpoint']} ({call['region']}) at {clock.iso(call['started'])}, by {source.caller}"
            )
        )
        line(
            f"    answered in {call['duration'] / 1000:.0f} ms: pages {call['pages']}, items {call['items']}, "
            f"attempts {call['attempts']}; provider's date {call['provider_date'] or 'none'}; "
            f"request {ids or 'without id'}{more}"
        )


def _said(value: Any) -> str:
    """A field's value in words."""
    from agent.evidence import plain  # noqa: PLC0415

    said = plain(value)
    if isinstance(said, dict):
        return f"not read: {value.why}"
    if said is None or isinstance(said, bool):
        return {None: "none", True: "yes", False: "no"}[said]
    return ", ".join(map(str, said)) if isinstance(said, list) else str(said)
