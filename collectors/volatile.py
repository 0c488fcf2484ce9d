"""Splits a document into what somebody configured and what changes by itself.

Last-used dates and counters would make a new version of every document in every run and bury each real change.
They are kept and hashed once per run instead, so a verdict that rests on them can still be proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WHOLE = "*"
EACH = "[]"
"""Ends the key of a path that goes through a list: its value then mirrors the lists and holds what each item gave."""
Step = tuple[str, ...]


def split(body: Mapping[str, Any], paths: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(stable body, {path: value}) of a document.

    Paths are dotted, `*` is the whole body, and a step that meets a list goes into each of its items.  No path ends
    in `[]`: that tells, in the keys of what was taken, those that went through a list.
    """
    if WHOLE in paths:
        return {}, {WHOLE: dict(body)}
    stable: Any = dict(body)
    taken: dict[str, Any] = {}
    for path in paths:
        stable, given = _take(stable, tuple(path.split(".")))
        if given is not None:
            taken[path if given["kind"] == "value" else path + EACH] = given["of"]
    return stable, taken


def join(stable: Mapping[str, Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    """The body that `split` was given."""
    if WHOLE in taken:
        return dict(taken[WHOLE])
    body: Any = dict(stable)
    # What is outermost goes back first, so the order in which the fields were kept does not matter.
    for key, given in sorted(taken.items(), key=lambda each: each[0].count(".")):
        many = key.endswith(EACH)
        body = _give(body, tuple(key.removesuffix(EACH).split(".")), {"kind": "each" if many else "value", "of": given})
    return dict(body)


def _take(value: Any, steps: Step) -> tuple[Any, dict[str, Any] | None]:
    """`value` without what lies at the end of `steps`, and that; None when there is nothing."""
    if isinstance(value, list):
        pairs = [_take(item, steps) for item in value]
        if all(given is None for _, given in pairs):
            return value, None
        return [rest for rest, _ in pairs], {"kind": "each", "of": [given for _, given in pairs]}
    first, *others = steps
    if not isinstance(value, Mapping) or first not in value:
        return value, None
    if not others:
        rest = {key: inner for key, inner in value.items() if key != first}
        return rest, {"kind": "value", "of": value[first]}
    inner, given = _take(value[first], tuple(others))
    return (value, None) if given is None else ({**value, first: inner}, given)


def _give(value: Any, steps: Step, given: Mapping[str, Any]) -> Any:
    """`value` with `given` back at the end of `steps`."""
    if isinstance(value, list):
        pairs = zip(value, given["of"], strict=True)
        return [item if part is None else _give(item, steps, part) for item, part in pairs]
    first, *others = steps
    if not others:
        return {**value, first: given["of"]}
    return {**value, first: _give(value[first], tuple(others), given)}
