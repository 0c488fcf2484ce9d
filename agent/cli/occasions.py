"""How the occasions of a control are printed: where their list comes from, each that is no plain success, the draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.evaluation.events import Occurred
    from agent.evaluation.events_items import Item
    from agent.evaluation.events_listed import Listed


def told(found: Occurred, *, everything: bool = False) -> Iterator[str]:
    """The occasions of one segment, a line each; those that went well only with `everything`."""
    from agent import clock  # noqa: PLC0415
    from agent.evaluation.events_items import Result  # noqa: PLC0415

    listed = found.listed
    yield f"population {listed.population}: {len(listed.occasions)} occasions, H = {listed.hash}"
    yield from doubts(listed, found.doubts)
    if drawn := found.drawn:
        said = drawn.sample.draw
        yield (
            f"sample {drawn.sample.id} of {drawn.frozen.id}: {len(said.selected)} of {said.population_count}, judged "
            f"at {drawn.risk.value} risk, seed {said.seed!r} by {said.seed_given_by} at {clock.iso(said.seed_given_at)}"
        )
    counted = ", ".join(f"{number} {each.value}" for each in Result if (number := len(found.of(each))))
    yield f"tested: {counted or 'nothing'}"
    for each in found.items:
        if everything or each.result in {Result.EXCEPTION, Result.UNKNOWN}:
            yield from _item(each)


def doubts(listed: Listed, why: Iterable[str]) -> Iterator[str]:
    """Where a list comes from, and why nothing proves that it is complete."""
    from agent import clock  # noqa: PLC0415

    if source := listed.source:
        counted = "not counted" if source.counted is None else f"counted {source.counted}"
        yield (
            f"listed by {source.id} (ledger entry {source.seq}) from {source.source}: {source.rows} rows, {counted} "
            f"there, as of {clock.iso(source.as_of)}"
        )
    reasons = tuple(why)
    yield "complete: NOT PROVEN" if reasons else "complete: yes"
    yield from (f"  {each}" for each in reasons)


def _item(each: Item) -> Iterator[str]:
    from agent import clock  # noqa: PLC0415

    when = "" if each.occasion.at is None else f" of {clock.iso(each.occasion.at)}"
    led = f"; it led to incident {each.incident}" if each.incident else ""
    yield f"{each.result.value}: {each.occasion.id} ({each.occasion.what}){when}: {each.reason}{led}"
    if each.evidence:
        yield f"  proofkeep attest show {'; proofkeep attest show '.join(each.evidence)}"
