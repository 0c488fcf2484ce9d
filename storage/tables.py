"""Every table of the store, once, for SQLite and PostgreSQL.

Evidence tables only ever grow: nothing in them is updated or deleted.  Operational tables are caches, queues
and pages in flight; they are never hashed and can be rebuilt, or lost, without losing evidence.

Times are microseconds since the epoch, UTC.  `seq` is a position in the ledger.  Row numbers (`rid`, `bid`,
`chk`, `target_id`) are handed out by the one writer that holds the ledger, so no sequence object is involved.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage.rows import Outcome

OUTCOME_NUMBERS = {
    Outcome.PASS: 1,
    Outcome.FAIL: 2,
    Outcome.UNKNOWN: 3,
    Outcome.ERROR: 4,
    Outcome.NOT_APPLICABLE: 5,
}
"""How outcomes are kept and hashed.  Numbers are never given a new meaning."""
OUTCOMES = {number: outcome for outcome, number in OUTCOME_NUMBERS.items()}

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

_Big = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
_Small = SmallInteger().with_variant(sqlite.INTEGER(), "sqlite")
# Compared byte by byte, so that both databases, whatever their locale, sort alike.
_Text = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
# Narrow tables live inside their primary key on SQLite, which halves them; wide ones would double (measured).
_WIDE: dict[str, Any] = {"sqlite_strict": True}
_NARROW: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}
_IS_RUN = text("type = 'run'")
_IS_PLAIN = text("codec = 0")


def _hash(column: str) -> CheckConstraint:
    """Demand a SHA-256: 32 bytes."""
    return CheckConstraint(f"length({column}) = 32", name=column)


# Evidence

target = Table(
    "target",
    metadata,
    Column("target_id", _Big, primary_key=True, autoincrement=False),
    Column("cloud", _Text, nullable=False),
    Column("name", _Text, nullable=False),
    Column("account", _Text, nullable=False),
    UniqueConstraint("cloud", "name", "account"),
    **_WIDE,
)

resource = Table(
    "resource",
    metadata,
    Column("rid", _Big, primary_key=True, autoincrement=False),
    Column("target_id", _Big, ForeignKey("target.target_id"), nullable=False),
    Column("kind", _Text, nullable=False),
    Column("uid", _Text, nullable=False),
    Column("region", _Text, nullable=False),
    Column("name", _Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("first_seq", _Big, nullable=False),
    UniqueConstraint("target_id", "kind", "uid"),
    Index(None, "uid"),
    _hash("key_hash"),
    **_WIDE,
)

blob = Table(
    "blob",
    metadata,
    Column("bid", _Big, primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("codec", _Small, nullable=False),  # 0 as it is, 1 zstd, 2 zstd patch of base_bid
    Column("base_bid", _Big, ForeignKey("blob.bid")),
    Column("raw_len", _Big, nullable=False),
    Column("media", _Text, nullable=False),
    Column("data", LargeBinary),
    UniqueConstraint("sha256"),
    _hash("sha256"),
    CheckConstraint("codec IN (0, 1, 2) AND (codec = 2) = (base_bid IS NOT NULL)", name="codec"),
    Index("blob_plain", "bid", sqlite_where=_IS_PLAIN, postgresql_where=_IS_PLAIN),  # what SQL itself can read
    **_WIDE,
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", _Big, primary_key=True, autoincrement=False),
    Column("type", _Text, nullable=False),
    Column("target_id", _Big, ForeignKey("target.target_id")),
    Column("slot", _Big),
    Column("ref", _Big, ForeignKey("ledger.seq")),  # the run-start that this run or abort ends: once only
    Column("recorded_at", _Big, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    _hash("leaf"),
    UniqueConstraint("ref"),
    Index("ledger_slot", "target_id", "slot", unique=True, sqlite_where=_IS_RUN, postgresql_where=_IS_RUN),
    Index(None, "type", "target_id", "seq"),
    Index(None, "recorded_at"),
    **_WIDE,
)

ledger_node = Table(
    "ledger_node",
    metadata,
    Column("level", _Small, primary_key=True, autoincrement=False),
    Column("idx", _Big, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    _hash("hash"),
    **_NARROW,
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", _Big, primary_key=True, autoincrement=False),
    Column("note", _Text, nullable=False),
    Column("created_at", _Big, nullable=False),
    **_WIDE,
)

anchor = Table(
    "anchor",
    metadata,
    Column("size", _Big, ForeignKey("checkpoint.size"), primary_key=True, autoincrement=False),
    Column("kind", _Text, primary_key=True),
    Column("place", _Text, primary_key=True),
    Column("receipt", LargeBinary),
    Column("at", _Big, nullable=False),
    **_WIDE,
)

version = Table(
    "version",
    metadata,
    Column("rid", _Big, ForeignKey("resource.rid"), primary_key=True, autoincrement=False),
    Column("seq", _Big, ForeignKey("ledger.seq"), primary_key=True, autoincrement=False),
    Column("bid", _Big, ForeignKey("blob.bid")),  # NULL: a complete listing no longer held the resource
    Index(None, "seq"),
    **_NARROW,
)

volatile = Table(
    "volatile",
    metadata,
    Column("seq", _Big, ForeignKey("ledger.seq"), primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("codec", _Small, nullable=False),
    Column("base_seq", _Big, ForeignKey("volatile.seq")),
    Column("raw_len", _Big, nullable=False),
    Column("data", LargeBinary),
    _hash("sha256"),
    CheckConstraint("codec IN (0, 1, 2) AND (codec = 2) = (base_seq IS NOT NULL)", name="codec"),
    **_WIDE,
)

check_name = Table(
    "check_name",
    metadata,
    Column("chk", _Big, primary_key=True, autoincrement=False),
    Column("check_id", _Text, nullable=False),
    UniqueConstraint("check_id"),
    **_WIDE,
)

result = Table(
    "result",
    metadata,
    Column("chk", _Big, ForeignKey("check_name.chk"), primary_key=True, autoincrement=False),
    Column("rid", _Big, ForeignKey("resource.rid"), primary_key=True, autoincrement=False),
    Column("seq", _Big, ForeignKey("ledger.seq"), primary_key=True, autoincrement=False),
    Column("outcome", _Small),  # NULL: nothing left to judge
    Column("detail_bid", _Big, ForeignKey("blob.bid")),
    Index(None, "rid", "seq"),
    Index(None, "seq"),
    CheckConstraint(
        "outcome BETWEEN 1 AND 5 AND detail_bid IS NOT NULL OR outcome IS NULL AND detail_bid IS NULL",
        name="outcome",
    ),
    **_NARROW,
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("seq", _Big, ForeignKey("ledger.seq"), primary_key=True, autoincrement=False),
    Column("manifest_bid", _Big, ForeignKey("blob.bid"), nullable=False),
    Column("record_bid", _Big, ForeignKey("blob.bid"), nullable=False),
    **_WIDE,
)

gap = Table(
    "gap",
    metadata,
    Column("seq", _Big, ForeignKey("ledger.seq"), primary_key=True, autoincrement=False),
    Column("n", _Big, primary_key=True, autoincrement=False),
    Column("reason", _Text, nullable=False),
    Column("collector", _Text, nullable=False),
    Column("region", _Text, nullable=False),
    Column("kind", _Text, nullable=False),
    Column("uid", _Text),
    Column("operation", _Text, nullable=False),
    Column("permission", _Text, nullable=False),
    Column("error", _Text, nullable=False),
    **_WIDE,
)

EVIDENCE = (
    target,
    resource,
    blob,
    ledger,
    ledger_node,
    checkpoint,
    anchor,
    version,
    volatile,
    check_name,
    result,
    heartbeat,
    gap,
)

# Operational

staging = Table(
    "staging",
    metadata,
    Column("run_id", _Text, primary_key=True),
    Column("task", _Text, primary_key=True),
    Column("page", _Big, primary_key=True, autoincrement=False),
    Column("payload", LargeBinary, nullable=False),
    **_WIDE,
)

head = Table(
    "head",
    metadata,
    Column("rid", _Big, primary_key=True, autoincrement=False),
    Column("target_id", _Big, nullable=False),
    Column("seq", _Big, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("bucket", _Big, nullable=False),
    Index(None, "target_id", "bucket"),
    **_WIDE,
)

result_head = Table(
    "result_head",
    metadata,
    Column("chk", _Big, primary_key=True, autoincrement=False),
    Column("rid", _Big, primary_key=True, autoincrement=False),
    Column("target_id", _Big, nullable=False),
    Column("seq", _Big, nullable=False),
    Column("since_seq", _Big, nullable=False),
    Column("outcome", _Small, nullable=False),
    Column("detail_bid", _Big, nullable=False),
    Column("detail_sha", LargeBinary, nullable=False),
    Column("bucket", _Big, nullable=False),
    Index(None, "target_id", "bucket"),
    **_NARROW,
)

map_cache = Table(
    "map_cache",
    metadata,
    Column("target_id", _Big, primary_key=True, autoincrement=False),
    Column("map", _Text, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
    **_WIDE,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Big, Identity(), primary_key=True),
    Column("key", _Text, nullable=False),
    Column("route", _Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", _Big, nullable=False),
    Column("state", _Text, nullable=False, server_default=text("'pending'")),
    Column("attempts", _Big, nullable=False, server_default=text("0")),
    Column("next_at", _Big, nullable=False),
    Column("settled_at", _Big),  # when it was sent, or given up
    Column("error", _Text),  # of the last attempt that failed
    UniqueConstraint("key"),
    Index(None, "state", "next_at"),
    CheckConstraint("state IN ('pending', 'sent', 'failed')", name="state"),
    **_WIDE,
)

alert = Table(
    "alert",
    metadata,
    Column("key", _Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("updated_at", _Big, nullable=False),
    **_WIDE,
)

daemon = Table(
    "daemon",
    metadata,
    Column("name", _Text, primary_key=True),
    Column("role", _Text, nullable=False),
    Column("version", _Text, nullable=False),
    Column("started_at", _Big, nullable=False),
    Column("beat_at", _Big, nullable=False),
    Column("state", LargeBinary, nullable=False),
    CheckConstraint("role IN ('leader', 'standby', 'worker')", name="role"),
    **_WIDE,
)

operation = Table(
    "operation",
    metadata,
    Column("op", _Big, primary_key=True, autoincrement=False),
    Column("target_id", _Big, nullable=False),
    Column("collector", _Text, nullable=False),
    Column("region", _Text, nullable=False),
    Column("service", _Text, nullable=False),
    Column("operation", _Text, nullable=False),
    Column("endpoint", _Text, nullable=False),
    UniqueConstraint(
        "target_id", "collector", "region", "service", "operation", "endpoint", name="operation_target_id_what_key"
    ),
    **_WIDE,
)

asked = Table(
    "asked",
    metadata,
    Column("op", _Big, primary_key=True, autoincrement=False),
    Column("seq", _Big, primary_key=True, autoincrement=False),
    Column("calls", _Big, nullable=False),  # 0: no longer called
    Column("pages", _Big, nullable=False),
    Column("item_count", _Big, nullable=False),
    Column("failed", _Big, nullable=False),
    Column("error", _Text, nullable=False),
    **_NARROW,
)

OPERATIONAL = (staging, head, result_head, map_cache, outbox, alert, daemon, operation, asked)
