"""`proofkeep demo`: see it work, with no account anywhere."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import click

from agent.errors import Exit, OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.progress import Progress

FOLDER = Path("proofkeep-demo")
YEAR_FOLDER = Path("proofkeep-year")
LAST_YEAR = 0
"""Stands for the last year that is over."""
FIRST = 2000
_REDONE = ("demo.db*", "demo.db.anchors/*.note", "proofkeep.key", "controls.d/own.toml", "controls.d/keys.toml")
"""What a demo makes anew."""
_SETTINGS = """\
# Made by `proofkeep demo`: an AWS account, an Azure tenant and a Google Cloud organization that lived on loopback
# while the demo ran.
database = "sqlite:///demo.db"

[[targets]]
name = "acme"
cloud = "aws"
regions = ["us-east-1"]
endpoint = "{aws}"

[[targets]]
name = "corp"
cloud = "azure"
tenant_id = "{tenant}"
resource_manager = "{azure}"
graph = "{azure}"
authority = "{azure}"

[[targets]]
name = "group"
cloud = "gcp"
organization = "{organization}"
customer = "C01acme"
endpoint = "{google}"
"""


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help=f"Where its files go.  Default: {FOLDER}, for a year {YEAR_FOLDER}.",
)
@click.option(
    "--year", type=int, is_flag=False, flag_value=LAST_YEAR, metavar="[YEAR]",
    help="Play a whole year of an organization, by default the last one, and conclude on it.",
)  # fmt: skip
def command(folder: Path | None, year: int | None) -> int:
    """See it work: build a small estate in each of three clouds on loopback, read, judge, show the control matrix.

    One call of each is refused on purpose.  Nothing leaves this machine.  With --year the agent reads an organization
    hour by hour for a week and day by day for the rest of a year in which things go wrong, under a clock that jumps.
    """
    if year is None:
        return _once(folder or FOLDER)
    return _year(folder or YEAR_FOLDER, year)


def _once(folder: Path) -> int:
    """One run of each account, and the three clouds side by side."""
    from agent import clock, collect, config  # noqa: PLC0415  # brings the store and the SDK
    from agent.alerts.watch import Watch  # noqa: PLC0415
    from agent.cli.collect import Bar, show  # noqa: PLC0415
    from agent.cli.demo_matrix import show_clouds  # noqa: PLC0415
    from agent.cli.render import line  # noqa: PLC0415
    from agent.standing import findings  # noqa: PLC0415
    from agent.wiring import wire  # noqa: PLC0415
    from storage.engine import open_store  # noqa: PLC0415

    line("Building a small AWS account, an Azure tenant and a Google Cloud organization on loopback …")
    with _account() as aws, _tenant() as (azure, environment), _organization() as (google, number, secret):
        known = {**environment, "GOOGLE_APPLICATION_CREDENTIALS": str(secret)}
        addresses = {"aws": aws, "azure": azure, "google": google}
        file = _fresh(folder, **addresses, tenant=environment["AZURE_TENANT_ID"], organization=number)
        settings = config.load(file)
        wiring = wire(settings)
        line(f"Reading them at {', '.join(addresses.values())}, with one call of each refused on purpose …")
        with (
            _credentials(known),
            open_store(settings.database.get_secret_value(), create=True, clock=clock.now) as store,
        ):
            with Bar() as bar:
                collection = collect.Collection(settings, wiring, store, Watch(settings, wiring))
                reports = list(collect.collect(collection, settings.targets, scheduled=False, progress=bar.of))
            show_clouds(wiring, findings(store, wiring))
    for report in reports:
        show(report)
    _suggest(file, "findings --outcome UNKNOWN", "evidence --control AC-02", "verify")
    return Exit.OK


def _year(folder: Path, year: int) -> int:
    """A whole year of an organization, and what it comes to."""
    from agent import clock  # noqa: PLC0415
    from agent.cli.render import line  # noqa: PLC0415

    last = clock.to_datetime(clock.now()).year - 1
    year = year or last
    if not FIRST <= year <= last:
        message = f"--year {year}: is no year that is over; write one from {FIRST} to {last}"
        raise OperatorError(message)
    with _demo_extra(), _credentials():
        from agent.demo.story import FACTS  # noqa: PLC0415
        from agent.demo.year import play  # noqa: PLC0415

        line(f"Playing {year} on loopback: an AWS organization, read each hour for a week and each day after that.")
        for fact in FACTS:
            line(f"  {fact}")
        _empty(folder)
        began = time.monotonic()
        with Slots() as slots:
            played = play(folder, year, slots.done)
    line(
        f"{played.slots} slots read in {time.monotonic() - began:.0f} s, {played.missed} missed while the agent was "
        f"down; {played.runs} runs sealed"
    )
    file, whole = folder / "proofkeep.toml", f"--from {year}-01-01 --to {year + 1}-01-01"
    _conclude(file, year)
    _suggest(
        file,
        f"period {whole} --control AC-02",
        f"period --from {year}-01-01 --to {year}-11-01 --control EN-01",
        f"population databases {whole}",
        "timeline reports",
        "waive list --all",
        f"evidence --control AC-02 --as-of {year}-05-14T12:00:00Z",
        f"seal {whole}",
    )
    return Exit.OK


def _conclude(file: Path, year: int) -> None:
    """Print how each control operated, as `proofkeep period` does."""
    from agent.cli.period import command as period  # noqa: PLC0415

    words = ["--config", str(file), "--from", f"{year}-01-01", "--to", f"{year + 1}-01-01"]
    period.main(words, prog_name="proofkeep period", standalone_mode=False)


def _suggest(file: Path, *commands: str) -> None:
    """Say what to try next."""
    from agent.cli.render import line  # noqa: PLC0415

    program = sys.argv[0] if os.sep in sys.argv[0] else "proofkeep"
    line("Try next:", style="bold")
    for words in commands:
        line(f"  {program} {words} --config {file}")


class Slots:
    """Progress of a year on standard error: a bar on a terminal, a line each month elsewhere."""

    def __init__(self) -> None:
        """Nothing is told before the first slot is done."""
        self._began = time.monotonic()
        self._month = ""
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

            from agent.cli.render import console  # noqa: PLC0415

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[left]}"),
            )
            self._progress = Progress(*columns, console=console(stderr=True), transient=True)
            self._progress.add_task("slots", total=None, left="")
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def done(self, slot: int, number: int, of: int) -> None:
        """Slot `number` of all was read; `slot` is its instant."""
        from agent import clock  # noqa: PLC0415

        left = (time.monotonic() - self._began) / number * (of - number)
        day, said = clock.iso(slot)[:10], f"about {left:.0f} s left"
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], description=day, completed=number, total=of, left=said)
        elif day[:7] != self._month:
            self._month = day[:7]
            click.echo(f"{day}: slot {number} of {of}, {said}", err=True)


@contextmanager
def _demo_extra() -> Iterator[None]:
    """Say what to install when a part of the demo is missing.  Raises OperatorError."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"the demo needs {error.name}, which is not installed; pip install 'proofkeep[demo]'"
        raise OperatorError(message) from error


@contextmanager
def _account() -> Iterator[str]:
    """The demo account, served on loopback while the block runs."""
    import logging  # noqa: PLC0415

    with _demo_extra():
        from agent.demo.estate import DENIED, Estate  # noqa: PLC0415
        from agent.demo.loopback import Faults, loopback_aws  # noqa: PLC0415

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        faults = Faults(whole_root=True)
        with loopback_aws(faults) as endpoint:
            Estate(endpoint).build()
            faults.deny.add(DENIED)
            yield endpoint


@contextmanager
def _tenant() -> Iterator[tuple[str, dict[str, str]]]:
    """The demo tenant, served on loopback while the block runs: its address, and the environment that reaches it."""
    from datetime import UTC, datetime  # noqa: PLC0415

    with _demo_extra():
        from agent.demo.azure_estate import DENIED, build  # noqa: PLC0415
        from agent.demo.azure_loopback import AzureEstate, environment, loopback_azure  # noqa: PLC0415
        from agent.demo.loopback_http import Fault  # noqa: PLC0415

        estate = AzureEstate()
        build(estate, datetime.now(UTC))
        estate.faults.append(Fault(DENIED))
        with loopback_azure(estate) as (address, authority):
            yield address, environment(authority)


@contextmanager
def _organization() -> Iterator[tuple[str, str, Path]]:
    """The demo organization at Google, served on loopback: its addresses, its number, a file with credentials."""
    from datetime import UTC, datetime  # noqa: PLC0415

    with _demo_extra():
        from agent.demo.gcp_estate import DENIED, build  # noqa: PLC0415
        from agent.demo.gcp_loopback import ORGANIZATION, GcpEstate, loopback_gcp  # noqa: PLC0415
        from agent.demo.loopback_http import Fault  # noqa: PLC0415

        estate = GcpEstate()
        build(estate, datetime.now(UTC))
        estate.faults.append(Fault(DENIED))
        with loopback_gcp(estate) as (addresses, secret):
            yield addresses, ORGANIZATION, secret


@contextmanager
def _credentials(more: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
    """Made-up credentials, so that a real account cannot be meant by mistake, and what `more` says."""
    kept = dict(os.environ)
    for name in kept:
        if name.startswith(("AWS_", "AZURE_", "GOOGLE_")):
            del os.environ[name]
    os.environ.update({"AWS_ACCESS_KEY_ID": "demo", "AWS_SECRET_ACCESS_KEY": "demo", **more})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _fresh(folder: Path, **addresses: str) -> Path:
    """The folder of the demo without what an earlier one left there; the path of its settings."""
    _empty(folder)
    file = folder / "proofkeep.toml"
    file.write_text(_SETTINGS.format(**addresses), encoding="utf-8")
    return file


def _empty(folder: Path) -> None:
    """Make the folder, and take away what an earlier demo left there."""
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in _REDONE:
        for old in folder.glob(pattern):
            if old.is_file():
                old.unlink()
