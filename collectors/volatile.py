"""Splits a document into what somebody configured and what changes by itself.

Last-used dates and counters would make a new version of every document in every run and bury each real change.
They are kept and hashed once per run instead, so a verdict that rests on them can still be proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WHOLE = "*"


def split(body: Mapping[str, Any], paths: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(stable body, {path: value}) of a document; `paths` are dotted, and `*` is the whole body."""
    if WHOLE in paths:
        return {}, {WHOLE: dict(body)}
    stable = dict(body)
    taken: dict[str, Any] = {}
    for path in paths:
        *parents, last = path.split(".")
        inside = stable
        for step in parents:
            if not isinstance(inside.get(step), Mapping):
                break
            inside[step] = dict(inside[step])
            inside = inside[step]
        else:
            if last in inside:
                taken[path] = inside.pop(last)
    return stable, taken


def join(stable: Mapping[str, Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    """The body that `split` was given."""
    if WHOLE in taken:
        return dict(taken[WHOLE])
    body = dict(stable)
    for path, value in taken.items():
        *parents, last = path.split(".")
        inside = body
        for step in parents:
            inside[step] = dict(inside.get(step, {}))
            inside = inside[step]
        inside[last] = value
    return body
