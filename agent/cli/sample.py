"""`proofkeep sample`: which items of a frozen population to test, by a draw that anybody can repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import OperatorError

if TYPE_CHECKING:
    from agent.evaluation.samples import Sample
    from agent.populations import Frozen


@click.command()
@click.argument("population", metavar="CONTROL|KIND|P-ID")
@click.option("--from", "begins", type=INSTANT, help="First moment of the frozen population's period.")
@click.option("--to", "ends", type=INSTANT, help="First moment after it.")
@click.option("--n", "size", type=click.IntRange(min=1), help="Items to draw; default: by size and --risk.")
@click.option(
    "--risk",
    type=click.Choice(["low", "moderate", "high"]),
    default="moderate",
    show_default=True,
    help="How much rests on the control: decides the size when --n does not.",
)
@click.option("--seed", help="The auditor's seed, given after the population was frozen.")
@click.option("--seed-by", help="Who gave the seed.")
@click.option("--extend", "more", is_flag=True, help="Enlarge the newest draw, keeping its picks and its seed.")
@click.option("--results", is_flag=True, help="Draw nothing: show each drawn item of CONTROL and how it went.")
@click.option("--as-of", type=INSTANT, help="With --results: only what was recorded by then.")
@common
def command(
    given: Given,
    population: str,
    begins: int | None,
    ends: int | None,
    size: int | None,
    risk: str,
    seed: str | None,
    seed_by: str | None,
    more: bool,
    results: bool,
    as_of: int | None,
) -> None:
    """Draw a sample of a population that `population --freeze` put on record, and keep the draw.

    The population comes first, then the seed: so nobody can look for a good draw.  The ranks are HMAC-SHA-256 of each
    id under the seed, so that anybody can repeat them; a larger draw with --extend begins with the smaller one.

    For a CONTROL whose population is not frozen yet, the command freezes it and asks for the seed.  --results shows
    each drawn item with its evidence and the way down.
    """
    if results:
        _results(given, population, begins, ends, as_of)
        return
    if as_of is not None:
        raise click.UsageError("--as-of: stands without --results; leave it out")
    if more and (seed is not None or seed_by is not None):
        raise click.UsageError("--extend: goes on with the seed of the draw; leave out --seed and --seed-by")
    from agent import checkpoints  # noqa: PLC0415  # brings the store
    from agent.audit.parameters import Risk  # noqa: PLC0415
    from agent.evaluation import samples  # noqa: PLC0415

    asked_for = _name(given, population)
    with given.store() as store:
        checkpoints.refuse_rollback(store, given.settings())
        with store.read() as conn:
            known = samples.populations_of(conn, asked_for, begins, ends)
        if not known and not more and seed is None and asked_for != population:
            _freeze(given, population, begins, ends)
            return
        if not more and not (seed and seed_by):
            raise OperatorError("--seed and --seed-by: are needed for a first draw; ask the auditor for a seed")
        with store.read() as conn:
            frozen = samples.find_population(conn, asked_for, begins, ends)
        wanted = size or samples.size_for(frozen, Risk(risk), given.settings().audit.parameters())
        if more:
            drawn = samples.extend(store, frozen, wanted)
        else:
            drawn = samples.draw(store, frozen, wanted, seed or "", seed_by or "")
    _show(given, drawn)


def _name(given: Given, population: str) -> str:
    """What the population of a control is called when it is frozen; any other name is left as it is."""
    from agent.evaluation.events_listed import Wanted  # noqa: PLC0415

    controls = given.wiring().library.controls
    return Wanted.called(population, controls).name if population in controls else population


def _freeze(given: Given, control: str, begins: int | None, ends: int | None) -> None:
    """Put the population of a control on record, and say that the seed comes next."""
    from agent.cli.population import freeze_occasions  # noqa: PLC0415
    from agent.cli.render import line  # noqa: PLC0415

    if begins is None or ends is None:
        raise OperatorError("--from and --to: are needed for the population of a control; write both")
    kept: Frozen = freeze_occasions(given, control, (begins, ends))
    said = {"id": kept.id, "entry": kept.seq, **kept.population.to_json()}
    if given.as_json:
        print_json({"frozen": said})
        return
    line(f"{kept.id} is frozen (ledger entry {kept.seq}): {len(kept.population)} items, H = {kept.population.hash}")
    line("now ask the auditor for a seed, and run the same with --seed and --seed-by")


def _results(given: Given, control: str, begins: int | None, ends: int | None, as_of: int | None) -> None:
    """Each drawn item of a control, with its evidence and how it went."""
    from agent import clock  # noqa: PLC0415
    from agent.cli.occasions import told  # noqa: PLC0415
    from agent.cli.render import line  # noqa: PLC0415
    from agent.evaluation import periods  # noqa: PLC0415  # brings the store

    if begins is None or ends is None:
        raise OperatorError("--from and --to: are needed with --results; write the period that was drawn from")
    wiring, now = given.wiring(), clock.now()
    cut = now if as_of is None else min(as_of, now)
    parameters = given.settings().audit.parameters()
    question = periods.Question(begins=begins, ends=ends, as_of=cut, control=control, parameters=parameters)
    with given.store() as store, store.read() as conn:
        found = periods.evaluate(conn, wiring, question).controls[control]
    drawn = [each for part in found.parts if part.people and (each := part.people.events) and each.drawn]
    if not drawn:
        raise OperatorError(
            f"{control}: no sample of that period was drawn by then; `proofkeep sample {control}` draws"
        )
    if given.as_json:
        print_json({"control": control, "conclusion": found.word, "draws": [each.to_json() for each in drawn]})
        return
    for each in drawn:
        for text in told(each, everything=True):
            line(text)
        line(f"{each.conclusion.replace('_', ' ')}: {each.reason}")


def _show(given: Given, drawn: Sample) -> None:
    if given.as_json:
        print_json(drawn.to_json())
        return
    from agent.cli.render import line  # noqa: PLC0415

    said = drawn.draw
    line(
        f"{drawn.id} (ledger entry {drawn.seq}): {len(said.selected)} of {said.population_count} items of "
        f"{drawn.population}, H = {said.population_hash}, seed {said.seed!r} by {said.seed_given_by}"
    )
    if drawn.extends:
        line(f"it enlarges {drawn.extends}")
    for name in said.selected:
        line(name)
