"""`proofkeep evidence`: from a verdict down to the answer of the provider, its hash and the ledger."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from agent.cli.findings import known
from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import OperatorError

if TYPE_CHECKING:
    from agent.evidence import Proof, Readings, Sealed
    from storage.rows import BlobRow

FEW = 10
"""How many verdicts are printed before the rest is only counted."""
FEW_IDS = 3
DIGITS = 16


@click.group(invoke_without_command=True)
@click.option("--control", help="Only the checks of this control.")
@click.option("--check", help="Only this check.")
@click.option("--resource", help="Only resources whose identifier or name contains this.")
@click.option("--as-of", type=INSTANT, help="The moment to look at (ISO 8601, UTC); default: now.")
@click.option("--all", "everything", is_flag=True, help=f"Print every verdict, not only the first {FEW}.")
@common
@click.pass_context
def command(
    context: click.Context,
    given: Given,
    control: str | None,
    check: str | None,
    resource: str | None,
    as_of: int | None,
    everything: bool,
) -> None:
    """From verdicts down to facts, documents, the calls that answered them, ledger entries and checkpoints.

    `evidence show ID` prints one document.
    """
    if context.invoked_subcommand is not None:
        if given != Given(None, None, as_json=False) or control or check or resource or as_of or everything:
            message = f"write the options behind `evidence {context.invoked_subcommand}`"
            raise click.UsageError(message)
        return
    if not (control or check or resource):
        message = "say which verdicts: --control, --check or --resource"
        raise click.UsageError(message)
    wiring = given.wiring()
    known(control, wiring.library.controls, "--control")
    known(check, wiring.checks, "--check")
    from agent import evidence, standing  # noqa: PLC0415  # brings the store

    with given.store() as store:
        moment = evidence.pin(store, as_of)
        found = [
            each
            for each in standing.findings(store, wiring, as_of=moment)
            if check in (None, each.check)
            and (control is None or control in each.control_ids)
            and (resource is None or resource in each.resource or resource in each.name)
        ]
        if not found:
            message = "no verdict was in force for that; `proofkeep findings` lists all"
            raise OperatorError(message)
        shown = found if everything or given.as_json else found[:FEW]
        proofs = list(evidence.proofs(store, wiring, shown, moment))
    if given.as_json:
        print_json([proof.to_json() for proof in proofs])
        return
    for proof in proofs:
        _show(proof)
    if len(shown) < len(found):
        from agent.cli.render import line  # noqa: PLC0415

        line(f"and {len(found) - len(shown)} more verdicts; narrow the question, or add --all or --json")


@command.command()
@click.argument("identifier", metavar="ID")
@click.option("--as-of", type=INSTANT, help="The moment whose volatile fields are shown; default: now.")
@click.option("--raw", is_flag=True, help="Write the exact bytes that the hash is of, and nothing else.")
@common
def show(given: Given, identifier: str, as_of: int | None, raw: bool) -> None:
    """Print one kept document, after hashing it anew.  ID: 8 or more first digits of its SHA-256."""
    from agent import evidence  # noqa: PLC0415  # brings the store

    with given.store() as store:
        kept, readings = evidence.show(store, identifier, as_of)
    if raw:
        sys.stdout.buffer.write(kept.content)
    elif given.as_json:
        print_json(
            {
                "sha256": kept.sha256.hex(),
                "media": kept.media,
                "bytes": len(kept.content),
                "content": _content(kept),
                "volatile": [
                    {"target": each.target, "entry": each.seq, "volatile_sha": each.sha256, "values": dict(each.values)}
                    for each in readings
                ],
            }
        )
    else:
        _print(kept, readings)


def _content(kept: BlobRow) -> Any:
    """What a kept content says; None for a file that somebody handed in, which can be anything."""
    import orjson  # noqa: PLC0415

    try:
        return orjson.loads(kept.content)
    except orjson.JSONDecodeError:
        return None


def _print(kept: BlobRow, readings: list[Readings]) -> None:
    from agent.cli.render import line  # noqa: PLC0415

    line(f"sha256 {kept.sha256.hex()}, hashed anew and equal; {kept.media}, {len(kept.content)} bytes", style="bold")
    content = _content(kept)
    if content is None:
        line("a file as it was handed in; --raw writes its bytes")
    else:
        _pretty(content)
    for each in readings:
        line(
            f"fields that change by themselves, as read for {each.target} in ledger entry {each.seq} "
            f"(all readings of that run: sha256 {each.sha256})",
            style="bold",
        )
        _pretty(dict(each.values))


def _pretty(value: Any) -> None:
    import orjson  # noqa: PLC0415

    from agent.cli.render import printable  # noqa: PLC0415

    for text in orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().split("\n"):
        click.echo(printable(text))


def _show(proof: Proof) -> None:
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
