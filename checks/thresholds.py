"""Reads the declared thresholds of a check out of its parameters."""

from __future__ import annotations

from checks.api import Params


def number(params: Params, name: str) -> int | float:
    """The numeric parameter `name`.

    Raises TypeError when a control sets it to something else: the check then ends in ERROR, not in a verdict.
    """
    value = params[name]
    if isinstance(value, int | float):
        return value
    raise TypeError(f"parameter {name} must be a number, not {value!r}")


def names(params: Params, name: str) -> tuple[str, ...]:
    """The list parameter `name`.

    Raises TypeError for anything else: a single text would match every part of itself.
    """
    value = params[name]
    if isinstance(value, tuple):
        return value
    raise TypeError(f"parameter {name} must be a list, not {value!r}")
