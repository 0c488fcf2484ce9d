"""The worked examples of the rules, as plain data, and the translation of their instants."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.audit.periods import Period

DOCUMENT: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))
VECTORS: list[dict[str, Any]] = DOCUMENT["vectors"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> int:
    """Microseconds since the epoch of `2026-03-14T00:00:00Z`."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def period(pair: list[str]) -> Period:
    """The half-open period of two instants."""
    return Period(instant(pair[0]), instant(pair[1]))


def each(kind: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test once for each example of a kind, as `given` and `expected`, under the example's id.

    Raises LookupError when there is no such example, so that no test passes by never running.
    """
    found = [pytest.param(one["input"], one["expected"], id=one["id"]) for one in VECTORS if one["kind"] == kind]
    if not found:
        raise LookupError(f"{kind}: no example is of this kind")
    return pytest.mark.parametrize(("given", "expected"), found)
