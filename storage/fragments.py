"""Pieces of SQL that the public views share, for SQLite and PostgreSQL."""

from __future__ import annotations

DAY = 86_400_000_000
"""Microseconds."""

OUTCOME = (
    "CASE {column} WHEN 1 THEN 'PASS' WHEN 2 THEN 'FAIL' WHEN 3 THEN 'UNKNOWN' WHEN 4 THEN 'ERROR' "
    "WHEN 5 THEN 'NOT_APPLICABLE' END"
)
"""The word for an outcome's number in `column`."""


def instant(dialect: str, column: str) -> str:
    """Microseconds as text like 2026-01-31T08:00:00.000000Z, exact on both databases."""
    if dialect == "sqlite":
        return f"strftime('%Y-%m-%dT%H:%M:%S', {column} / 1000000, 'unixepoch') || printf('.%06dZ', {column} % 1000000)"
    return (
        f"to_char(timestamp 'epoch' + {column} * interval '1 microsecond', "
        """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    )


def times(dialect: str, column: str, name: str) -> str:
    """The two columns of a time, `<name>_us` and `<name>`, from microseconds in `column`."""
    return f"{column} AS {name}_us, {instant(dialect, column)} AS {name}"


def date(dialect: str, column: str) -> str:
    """The number of a day since the epoch as text like 2026-01-31."""
    if dialect == "sqlite":
        return f"date({column} * 86400, 'unixepoch')"
    return f"to_char(date '1970-01-01' + {column}::integer, 'YYYY-MM-DD')"


def field(dialect: str, name: str, kind: str) -> str:
    """One field of a ledger entry; `kind` is bigint, text or boolean (as 0 or 1)."""
    if dialect == "sqlite":
        return f"json_extract(CAST(l.entry AS TEXT), '$.{name}')"
    value = f"(convert_from(l.entry, 'UTF8')::jsonb ->> '{name}')"
    return {"text": value, "bigint": f"{value}::bigint", "boolean": f"{value}::boolean::integer"}[kind]


def member(dialect: str, column: str, name: str, kind: str = "text") -> str:
    """One member of the JSON object in `column` (text on SQLite, jsonb on PostgreSQL); `kind` is bigint or text."""
    if dialect == "sqlite":
        return f"json_extract({column}, '$.{name}')"
    value = f"({column} ->> '{name}')"
    return value if kind == "text" else f"{value}::{kind}"


def hexadecimal(dialect: str, column: str) -> str:
    """Bytes as lower-case hexadecimal text."""
    return f"lower(nullif(hex({column}), ''))" if dialect == "sqlite" else f"encode({column}, 'hex')"


def bodies(dialect: str, entry: str, kind: str) -> str:
    """A query for the entries of a type and kind: seq, recorded_at and the JSON of their body.

    The body is NULL when it was kept compressed, which SQL cannot read, or is kept no more.
    """
    picked = f"l.type = '{entry}' AND {field(dialect, 'kind', 'text')} = '{kind}'"
    digest = field(dialect, "body_sha", "text")
    if dialect == "sqlite":
        return f"""SELECT l.seq AS seq, l.recorded_at AS recorded_at, CAST(b.data AS TEXT) AS body
  FROM ledger l LEFT JOIN (SELECT bid, lower(hex(sha256)) AS sha FROM blob WHERE codec = 0) p ON p.sha = {digest}
  LEFT JOIN blob b ON b.bid = p.bid WHERE {picked}"""  # noqa: S608 - names of our own
    return f"""SELECT l.seq AS seq, l.recorded_at AS recorded_at, convert_from(b.data, 'UTF8')::jsonb AS body
  FROM ledger l LEFT JOIN blob b ON b.sha256 = decode({digest}, 'hex') AND b.codec = 0 WHERE {picked}"""  # noqa: S608 - names of our own
