"""`proofkeep timeline`: everything that ever changed about one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.options import Given, common, print_json

if TYPE_CHECKING:
    from agent.timeline import Step


@click.command()
@click.argument("resource")
@common
def command(given: Given, resource: str) -> None:
    """Every run in which a document or a verdict about RESOURCE changed, oldest first.

    RESOURCE is the provider's identifier, or a name that only one resource has.
    """
    from agent.timeline import timeline  # noqa: PLC0415  # brings the store

    with given.store() as store:
        uid, steps = timeline(store, resource)
    if given.as_json:
        print_json({"resource": uid, "steps": [step.to_json() for step in steps]})
    else:
        _show(uid, steps)


def _show(uid: str, steps: list[Step]) -> None:
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line, printable, table  # noqa: PLC0415

    line(printable(uid), style="bold")
    rows: list[tuple[object, ...]] = []
    for step in steps:
        place = [clock.iso(step.at), step.target.name, step.seq]
        for document in step.documents:
            fields = f"{', '.join(document.paths)} " if document.paths else ""
            rows.append((*place, document.kind, document.change, "", f"{fields}{document.id}"))
            place = ["", "", ""]
        for verdict in step.verdicts:
            said = (verdict.before or "none", verdict.after or "none")
            rows.append((*place, verdict.check, *said, verdict.reason))
            place = ["", "", ""]
    table(("recorded", "target", "entry", "document or check", "was", "is", "what"), rows)
