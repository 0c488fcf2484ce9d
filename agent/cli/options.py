"""The options that commands share, and what they stand for."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from agent.config import Settings
    from agent.wiring import Wiring
    from storage.engine import Store


@dataclass(frozen=True, slots=True)
class Given:
    """What the shared options said."""

    config: Path | None
    database: str | None
    as_json: bool

    def settings(self) -> Settings:
        """The settings in force."""
        from agent import config  # noqa: PLC0415  # pydantic takes longer to import than most commands to run

        return config.load(self.config, database=self.database)

    def wiring(self) -> Wiring:
        """Checks, collectors and controls."""
        from agent.wiring import wire  # noqa: PLC0415

        return wire(self.settings())

    @contextmanager
    def store(self, *, create: bool = False) -> Iterator[Store]:
        """The open store; `create` makes a new one where there is none."""
        from agent import clock  # noqa: PLC0415
        from storage.engine import open_store  # noqa: PLC0415

        url = self.settings().database.get_secret_value()
        with open_store(url, create=create, clock=clock.now) as store:
            yield store


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--config`, `--database` and `--json`, handed over as one `given`."""

    @click.option("--config", type=click.Path(path_type=Path), help="Settings file (default: proofkeep.toml here).")
    @click.option("--database", help="Database URL, instead of the one in the settings.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
    @functools.wraps(function)
    def wrapped(*, config: Path | None, database: str | None, as_json: bool, **others: Any) -> Any:
        return function(Given(config, database, as_json), **others)

    return wrapped


class Instant(click.ParamType[int]):
    """A moment: ISO 8601; without a zone it is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Microseconds since the epoch.  A bare date means its first moment."""
        from agent import clock  # noqa: PLC0415

        if isinstance(value, int):
            return value
        try:
            return clock.parse(value)
        except ValueError:
            today = datetime.now(UTC).date().isoformat()
            self.fail(f"{value!r} is no time; write it as {today}T09:00:00Z", param, ctx)


INSTANT = Instant()


def print_json(value: Any) -> None:
    """Write JSON for programs to standard output."""
    json.dump(value, sys.stdout, indent=2, sort_keys=False, default=str)
    sys.stdout.write("\n")
