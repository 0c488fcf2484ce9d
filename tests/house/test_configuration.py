"""config.example.toml shows every setting, and nothing that is none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from agent.config import Settings
from tests.house.tree import ROOT

EXAMPLE = ROOT / "config.example.toml"


def settings_of(schema: Mapping[str, Any], definitions: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Dotted names of all settings below a JSON schema; a list of tables counts as a table."""
    if "$ref" in schema:
        yield from settings_of(definitions[schema["$ref"].rpartition("/")[2]], definitions, place)
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from settings_of(choice, definitions, place)
    if isinstance(schema.get("items"), dict):
        yield from settings_of(schema["items"], definitions, place)
    for name, inner in schema.get("properties", {}).items():
        yield f"{place}{name}"
        if "additionalProperties" in inner and inner["additionalProperties"] is not False:
            yield f"{place}{name}.*"
        yield from settings_of(inner, definitions, f"{place}{name}.")


def names_in(table: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Dotted names of everything in a parsed TOML file."""
    for name, value in table.items():
        yield f"{place}{name}"
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from names_in(inner, f"{place}{name}.")


def uncommented(text: str) -> str:
    """The example with its commented settings and tables switched on."""
    return re.sub(r"^# (?=\[|[a-z0-9_]+ = )", "", text, flags=re.MULTILINE)


def declared() -> set[str]:
    """Dotted names of all settings that the agent understands."""
    schema = Settings.model_json_schema()
    return set(settings_of(schema, schema.get("$defs", {})))


def test_the_example_shows_every_setting() -> None:
    """A setting that the example lacks would be found by nobody.

    A target's own schedule has the keys of the common one, which are shown there.
    """
    shown = set(names_in(tomllib.loads(uncommented(EXAMPLE.read_text(encoding="utf-8")))))

    shown |= {f"targets.{name}" for name in shown if name.startswith("schedule.")}
    assert {name for name in declared() if not name.endswith(".*")} - shown == set()


def test_the_example_invents_nothing() -> None:
    """A setting that the agent does not know would be refused when switched on."""
    shown = set(names_in(tomllib.loads(uncommented(EXAMPLE.read_text(encoding="utf-8")))))

    known = declared()
    free = tuple(name.removesuffix("*") for name in known if name.endswith(".*"))
    assert {name for name in shown - known if not name.startswith(free)} == set()


def test_the_example_loads() -> None:
    """Copied as it is, the example is a valid configuration."""
    assert Settings.model_validate(tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))).targets
