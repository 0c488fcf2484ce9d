"""What one ledger entry must look like: canonical bytes, and the fields that its type has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import NoneType
from typing import Any

import orjson

from storage import canon
from storage.errors import NotEncodable
from storage.rows import ClockOffset

_LARGEST = (1 << 53) - 1
_HASH = re.compile(r"[0-9a-f]{64}")
_WORDS = {str: "text", int: "a whole number", bool: "true or false", dict: "an object", NoneType: "null"}

_COMMON: dict[str, tuple[type, ...]] = {"seq": (int,), "type": (str,), "recorded_at": (int,)}
_OF_TARGET: dict[str, tuple[type, ...]] = {**_COMMON, "target": (dict,), "slot": (int,)}
_STARTED: dict[str, tuple[type, ...]] = {
    "run_id": (str,),
    "scheduled": (bool,),
    "started": (int,),
    "code_digest": (str,),
    "config_digest": (str,),
}
START_FIELDS = tuple(_STARTED)
"""Fields that a run repeats from its start."""
HASHES = (
    "state_root",
    "change_root",
    "result_root",
    "result_change_root",
    "volatile_sha",
    "manifest_sha",
    "record_sha",
    "gaps_sha",
)
_CLOCK = ClockOffset._fields
_RUN: dict[str, tuple[type, ...]] = {
    "start": (int,),
    "finished": (int,),
    "status": (str,),
    "prev": (int, NoneType),
    "documents": (int,),
    "changes": (int,),
    "result_changes": (int,),
    "gaps": (int,),
    **dict.fromkeys(HASHES, (str,)),
}
_ABORT: dict[str, tuple[type, ...]] = {
    "start": (int,),
    "run_id": (str,),
    "reason": (str,),
    "text": (str,),
    "pages": (int,),
    "staging_sha": (str, NoneType),
}
SHAPES: dict[str, dict[str, tuple[type, ...]]] = {
    "run-start": {**_OF_TARGET, **_STARTED},
    "run": {**_OF_TARGET, **_STARTED, **_RUN},
    "abort": {**_OF_TARGET, **_ABORT},
    "gap": {**_OF_TARGET, "reason": (str,), "text": (str,)},
    "policy": {**_COMMON, "kind": (str,), "body_sha": (str,)},
    "statement": {**_COMMON, "kind": (str,), "body_sha": (str,)},
    "key": {**_COMMON, "verifier_key": (str,)},
}
"""By entry type: every field that it must have, with the types that the field may have."""
_EXPECTED = {kind: [(name, types[0], types) for name, types in shape.items()] for kind, shape in SHAPES.items()}


def parse(data: bytes) -> tuple[dict[str, Any] | None, str | None]:
    """Return what an entry says and what is wrong with its form.

    An entry in another form than the canonical one is still read, so that one fault does not hide the next.
    """
    if (plain := _plain(data)) is not None:
        return plain, None
    try:
        return canon.parse_canonical(data), None
    except NotEncodable as error:
        fault = str(error)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None, fault
    return (value if isinstance(value, dict) else None), fault


def misshapen(kind: str, said: Mapping[str, Any]) -> str | None:
    """Return the first field that is missing or of a wrong type; None when all fit."""
    shape = _EXPECTED.get(kind)
    if shape is None:
        return f"entries of type {kind!r} are unknown"
    for name, plain, types in shape:
        value = said.get(name)
        if type(value) is plain:
            continue
        if name not in said:
            return f"it has no field {name}"
        if type(value) not in types:
            return f"its field {name} is not {' or '.join(_WORDS[each] for each in types)}"
    if kind == "run":
        if (clock := said.get("clock")) is not None and not _is_clock(clock):
            return f"its field clock is not an object of {', '.join(_CLOCK)} in whole numbers"
        return next((f"its field {name} is not a SHA-256" for name in HASHES if not _HASH.fullmatch(said[name])), None)
    return None


def _is_clock(value: object) -> bool:
    """Whether it is a clock's offset.  Runs of the first releases have none."""
    return isinstance(value, dict) and value.keys() == set(_CLOCK) and all(type(each) is int for each in value.values())


def _plain(data: bytes) -> dict[str, Any] | None:
    """Read the kind of entry that the agent writes at a tenth of the cost; None leaves it to the full reader.

    For ASCII text, whole numbers within 2^53, booleans, null and objects, sorted keys are RFC 8785's form.
    """
    if not data.isascii():
        return None
    try:
        value = orjson.loads(data)
    except ValueError:
        return None
    if type(value) is not dict or not _is_plain(value):
        return None
    return value if orjson.dumps(value, option=orjson.OPT_SORT_KEYS) == data else None


def _is_plain(value: dict[str, Any]) -> bool:
    """Whether there are only values whose sorted form is the canonical one."""
    for one in value.values():
        kind = type(one)
        if kind is str or kind is bool or one is None:
            continue
        if kind is int and -_LARGEST <= one <= _LARGEST:
            continue
        if kind is dict and _is_plain(one):
            continue
        return False
    return True
