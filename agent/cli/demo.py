"""`proofkeep demo`: see it work, with no account anywhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.errors import Exit, OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path("proofkeep-demo")
_SETTINGS = """\
# Made by `proofkeep demo`: an AWS account that lived on loopback while the demo ran.
database = "sqlite:///demo.db"

[[targets]]
name = "acme"
cloud = "aws"
regions = ["us-east-1"]
endpoint = "{endpoint}"
"""


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default=FOLDER, show_default=True, help="Where its files go."
)
def command(folder: Path) -> int:
    """See it work: build a small AWS account on loopback, read it, judge it, show the control matrix.

    One call is refused on purpose.  Nothing leaves this machine.
    """
    from agent import clock, collect, config  # noqa: PLC0415  # brings the store and the SDK
    from agent.alerts.watch import Watch  # noqa: PLC0415
    from agent.cli.collect import Bar, show  # noqa: PLC0415
    from agent.cli.controls import show_matrix  # noqa: PLC0415
    from agent.cli.render import line  # noqa: PLC0415
    from agent.standing import findings, standing  # noqa: PLC0415
    from agent.wiring import wire  # noqa: PLC0415
    from storage.engine import open_store  # noqa: PLC0415

    line("Building a small AWS account on loopback …")
    with _account() as endpoint, _credentials():
        file = _fresh(folder, endpoint)
        settings = config.load(file)
        wiring = wire(settings)
        line(f"Reading it over HTTP at {endpoint}, with one call refused on purpose …")
        with open_store(settings.database.get_secret_value(), create=True, clock=clock.now) as store:
            with Bar() as bar:
                collection = collect.Collection(settings, wiring, store, Watch(settings, wiring))
                reports = list(collect.collect(collection, settings.targets, scheduled=False, progress=bar.of))
            show_matrix(wiring, standing(findings(store, wiring), wiring))
    for report in reports:
        show(report)
    program = sys.argv[0] if os.sep in sys.argv[0] else "proofkeep"
    line("Try next:", style="bold")
    for words in ("findings --outcome UNKNOWN", "evidence --control AC-02", "verify"):
        line(f"  {program} {words} --config {file}")
    return Exit.OK


@contextmanager
def _account() -> Iterator[str]:
    """The demo account, served on loopback while the block runs."""
    import logging  # noqa: PLC0415

    try:
        from agent.demo.estate import DENIED, Estate  # noqa: PLC0415
        from agent.demo.loopback import Faults, loopback_aws  # noqa: PLC0415

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        faults = Faults(whole_root=True)
        with loopback_aws(faults) as endpoint:
            Estate(endpoint).build()
            faults.deny.add(DENIED)
            yield endpoint
    except ModuleNotFoundError as error:
        message = f"the demo needs {error.name}, which is not installed; pip install 'proofkeep[demo]'"
        raise OperatorError(message) from error


@contextmanager
def _credentials() -> Iterator[None]:
    """Made-up credentials, so that a real account cannot be meant by mistake."""
    names = (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_ENDPOINT_URL",
    )
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ["AWS_ACCESS_KEY_ID"] = os.environ["AWS_SECRET_ACCESS_KEY"] = "demo"
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)
        os.environ.update(before)


def _fresh(folder: Path, endpoint: str) -> Path:
    """The folder of the demo without what an earlier one left there; the path of its settings."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("demo.db*"), *folder.glob("demo.db.anchors/*.note"), folder / "proofkeep.key"):
        if old.is_file():
            old.unlink()
    file = folder / "proofkeep.toml"
    file.write_text(_SETTINGS.format(endpoint=endpoint), encoding="utf-8")
    return file
