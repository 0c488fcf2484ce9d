"""`proofkeep sample`: which items of a frozen population to test, by a draw that anybody can repeat."""

from __future__ import annotations

import click

from agent.cli.options import INSTANT, Given, common, print_json
from agent.errors import OperatorError


@click.command()
@click.argument("population", metavar="KIND|P-ID")
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
) -> None:
    """Draw a sample of a population that `population --freeze` put on record, and keep the draw.

    The population comes first, then the seed: so nobody can look for a good draw.  The ranks are HMAC-SHA-256 of each
    id under the seed, so that anybody can repeat them; a larger draw with --extend begins with the smaller one.
    """
    if more and (seed is not None or seed_by is not None):
        raise click.UsageError("--extend: goes on with the seed of the draw; leave out --seed and --seed-by")
    if not more and not (seed and seed_by):
        raise OperatorError("--seed and --seed-by: are needed for a first draw; ask the auditor for a seed")
    from agent import checkpoints  # noqa: PLC0415  # brings the store
    from agent.audit.parameters import Parameters, Risk  # noqa: PLC0415
    from agent.evaluation import samples  # noqa: PLC0415

    with given.store() as store:
        checkpoints.refuse_rollback(store, given.settings())
        with store.read() as conn:
            frozen = samples.find_population(conn, population, begins, ends)
        wanted = size or samples.size_for(frozen, Risk(risk), Parameters())
        if more:
            drawn = samples.extend(store, frozen, wanted)
        else:
            drawn = samples.draw(store, frozen, wanted, seed or "", seed_by or "")
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
