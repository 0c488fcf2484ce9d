"""The worked examples are all there, and every kind of them is put to the engine."""

from __future__ import annotations

import re
from pathlib import Path

from tests.agent.audit.vectors import VECTORS


def test_no_example_was_dropped() -> None:
    """49 examples, each with an id of its own."""
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS) == 49


def test_every_kind_is_tested() -> None:
    """A test of this folder asks for each kind by name."""
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    asked = {kind for text in texts for kind in re.findall(r'^@each\("(\w+)"\)', text, re.MULTILINE)}
    assert asked == {vector["kind"] for vector in VECTORS}
