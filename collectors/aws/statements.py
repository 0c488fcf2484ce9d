"""Policy statements as AWS lets people write them."""

from __future__ import annotations

from typing import Any


def as_list(value: Any) -> list[Any]:
    """The items of a field that may hold one item without its list."""
    return list(value) if isinstance(value, list) else [value]
