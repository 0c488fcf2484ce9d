"""`proofkeep config`: the settings, what they may be and what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from agent.cli.options import Given, common, print_json

MASK = "***"
HIDDEN = frozenset({"external_id"})
"""Settings that only their owner should read, beside the password in the database URL."""


@click.group()
def command() -> None:
    """The settings: schema and what is in force."""


@command.command()
def schema() -> None:
    """JSON Schema of the settings file, for editors and reviews."""
    from agent.config import Settings  # noqa: PLC0415  # pydantic

    print_json(Settings.model_json_schema())


@command.command()
@common
def show(given: Given) -> None:
    """The settings in force, from file and environment, with secrets masked."""
    from storage.engine import masked, parse_url  # noqa: PLC0415  # brings the database library

    settings = given.settings()
    said = _hidden(settings.model_dump(mode="json"))
    said["database"] = masked(parse_url(settings.database.get_secret_value()))
    said["integrity"]["anchors"] = str(settings.anchor_folder())
    if given.as_json:
        print_json(said)
        return
    from agent.cli.render import table  # noqa: PLC0415

    table(("setting", "value"), _flat(said, ""))


def _hidden(value: Any) -> Any:
    """The same with every hidden setting masked that has a value."""
    if isinstance(value, Mapping):
        return {name: MASK if name in HIDDEN and inner else _hidden(inner) for name, inner in value.items()}
    return [_hidden(inner) for inner in value] if isinstance(value, list) else value


def _flat(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Dotted name and value of each setting."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{place}[{number}]")
    else:
        yield place, ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
