"""Exact bytes for evidence and for signed entries, and the one hash used for both.

Evidence (`dumps`) is what an API answered: sorted keys, any 64-bit integer, any finite float.  Whoever
verifies it hashes the stored bytes and never encodes again.  Entries (`canonical`) are small, signed and
rebuilt by other programs, so they follow RFC 8785, which has one encoding only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from datetime import UTC, datetime

import orjson
import rfc8785

from storage.errors import NotEncodable

_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def sha256(data: bytes) -> bytes:
    """SHA-256 of these bytes: 32 bytes."""
    return hashlib.sha256(data).digest()


def dumps(obj: object) -> bytes:
    """Encode one provider answer as JSON: sorted keys, UTC times with six decimals, bytes as base64 text.

    Raises NotEncodable (a ValueError) for naive datetimes, NaN and infinities, keys that are not text,
    integers beyond 64 bits, lone surrogates and every type that JSON does not know.
    """
    try:
        # Copied: orjson 3.13 answers in the buffer it worked in, so that a text of 400 bytes held on to 32 kB.
        encoded = bytes(memoryview(orjson.dumps(obj, default=_encode, option=_OPTIONS)))
    except NotEncodable:
        raise
    except (TypeError, ValueError) as error:
        raise NotEncodable(str(error.__cause__ or error)) from error
    # orjson writes NaN and infinities as null without a word, so only an output with a null can hide one.
    if b"null" in encoded:
        _refuse_nan(obj)
    return encoded


def canonical(obj: object) -> bytes:
    """Encode a ledger entry by RFC 8785.  Integers must lie within ±(2^53 - 1); floats must be finite."""
    try:
        return rfc8785.dumps(obj)  # type: ignore[arg-type]  # the encoder itself refuses what it does not know
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotEncodable(str(error)) from error


def parse_canonical(data: bytes) -> dict[str, object]:
    """Read one ledger entry; NotEncodable when keys repeat or when the bytes are not its canonical form."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except NotEncodable:
        raise
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NotEncodable(f"entry is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise NotEncodable(f"entry is not an object but {type(value).__name__}")
    if canonical(value) != data:
        raise NotEncodable("entry is not in canonical form (RFC 8785)")
    return value


def _encode(value: object) -> object:
    """Text for the types that evidence may hold beyond JSON's own."""
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise NotEncodable(f"datetime without a time zone: {value.isoformat()}")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    # Subclasses of the JSON types (str enums, defaultdict, OrderedDict) keep their plain value.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    raise NotEncodable(f"type is not JSON serializable: {type(value).__name__}")


def _refuse_nan(obj: object) -> None:
    """Walk the value and raise NotEncodable at the first float that JSON cannot express."""
    pending = [obj]
    while pending:
        value = pending.pop()
        if isinstance(value, float):
            if not math.isfinite(value):
                raise NotEncodable(f"float is not finite: {value}")
        elif isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list | tuple):
            pending.extend(value)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build the object, refusing a key that occurs twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotEncodable("entry repeats a key")
    return found


def _refuse_constant(name: str) -> object:
    """JSON has no NaN and no infinities."""
    raise NotEncodable(f"entry holds {name}")
