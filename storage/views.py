"""The public SQL views: the same columns on SQLite and PostgreSQL, described one by one in README.md.

Every time is given twice: as microseconds (`…_us`, for arithmetic) and as UTC text with six decimals.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from storage import period_views
from storage.fragments import OUTCOME, field, hexadecimal, instant

if TYPE_CHECKING:
    from collections.abc import Callable

POPULATIONS = (
    "users",
    "access_keys",
    "roles",
    "stores",
    "databases",
    "volumes",
    "file_systems",
    "keys",
    "load_balancers",
    "trails",
    "backups",
)
"""Names of populations with a view of their own, whose documents the policy `populations` names."""

NAMES = (
    "v_runs",
    "v_findings",
    "v_failing_intervals",
    "v_gaps",
    "v_evidence",
    "v_calls",
    "v_control_days",
    "v_waivers",
    "v_population",
    "v_population_accounts",
    *(f"v_population_{name}" for name in POPULATIONS),
)


def ddl(dialect: str) -> list[str]:
    """Return one CREATE VIEW statement for each view, in an order in which they can be created."""
    build: dict[str, Callable[[str], str]] = {
        "v_runs": _runs,
        "v_findings": _findings,
        "v_failing_intervals": _failing_intervals,
        "v_gaps": _gaps,
        "v_evidence": _evidence,
        "v_calls": period_views.calls,
        "v_control_days": period_views.control_days,
        "v_waivers": period_views.waivers,
        "v_population": period_views.population,
        "v_population_accounts": period_views.accounts,
        **{f"v_population_{name}": partial(period_views.one_of, name) for name in POPULATIONS},
    }
    return [f"CREATE VIEW {name} AS\n{build[name](dialect)}" for name in NAMES]


def _runs(dialect: str) -> str:
    """Sealed runs."""
    return f"""SELECT l.seq AS seq, t.cloud AS cloud, t.name AS target, t.account AS account,
  {field(dialect, "run_id", "text")} AS run_id, {field(dialect, "status", "text")} AS status,
  {field(dialect, "scheduled", "boolean")} AS scheduled,
  l.slot AS slot_us, {instant(dialect, "l.slot")} AS slot,
  {field(dialect, "started", "bigint")} AS started_us,
  {instant(dialect, field(dialect, "started", "bigint"))} AS started,
  {field(dialect, "finished", "bigint")} AS finished_us,
  {instant(dialect, field(dialect, "finished", "bigint"))} AS finished,
  l.recorded_at AS recorded_us, {instant(dialect, "l.recorded_at")} AS recorded,
  {field(dialect, "documents", "bigint")} AS documents, {field(dialect, "changes", "bigint")} AS changes,
  {field(dialect, "result_changes", "bigint")} AS result_changes,
  {field(dialect, "gaps", "bigint")} AS gaps,
  {field(dialect, "code_digest", "text")} AS code_digest,
  {field(dialect, "config_digest", "text")} AS config_digest
FROM ledger l JOIN target t ON t.target_id = l.target_id
WHERE l.type = 'run'"""  # noqa: S608 - names of our own


def _findings(dialect: str) -> str:
    """Verdicts with the time from which and until which each was in force."""
    return f"""SELECT c.check_id AS check_id, t.cloud AS cloud, t.name AS target, t.account AS account,
  r.kind AS resource_type, r.uid AS resource, r.region AS region, r.name AS name,
  {OUTCOME.format(column="s.outcome")} AS outcome,
  s.seq AS from_seq, b.recorded_at AS from_us, {instant(dialect, "b.recorded_at")} AS from_time,
  s.to_seq AS to_seq, e.recorded_at AS to_us, {instant(dialect, "e.recorded_at")} AS to_time,
  CASE WHEN s.to_seq IS NULL THEN 1 ELSE 0 END AS in_force, {hexadecimal(dialect, "d.sha256")} AS detail_sha256
FROM (SELECT chk, rid, seq, outcome, detail_bid, LEAD(seq) OVER (PARTITION BY chk, rid ORDER BY seq) AS to_seq
      FROM result) s
JOIN check_name c ON c.chk = s.chk JOIN resource r ON r.rid = s.rid JOIN target t ON t.target_id = r.target_id
JOIN ledger b ON b.seq = s.seq LEFT JOIN ledger e ON e.seq = s.to_seq LEFT JOIN blob d ON d.bid = s.detail_bid
WHERE s.outcome IS NOT NULL"""  # noqa: S608 - names of our own


def _failing_intervals(dialect: str) -> str:
    """Unbroken stretches of FAIL; a change of the reason alone does not begin a new one."""
    return f"""SELECT c.check_id AS check_id, t.cloud AS cloud, t.name AS target, t.account AS account,
  r.kind AS resource_type, r.uid AS resource, r.region AS region, r.name AS name,
  s.seq AS from_seq, b.recorded_at AS from_us, {instant(dialect, "b.recorded_at")} AS from_time,
  s.to_seq AS to_seq, e.recorded_at AS to_us, {instant(dialect, "e.recorded_at")} AS to_time,
  {OUTCOME.format(column="s.next_outcome")} AS next_outcome
FROM (SELECT chk, rid, seq, outcome, LEAD(seq) OVER pair AS to_seq, LEAD(outcome) OVER pair AS next_outcome
      FROM (SELECT chk, rid, seq, outcome, LAG(outcome) OVER (PARTITION BY chk, rid ORDER BY seq) AS earlier
            FROM result) x
      WHERE COALESCE(outcome, 0) <> COALESCE(earlier, 0)
      WINDOW pair AS (PARTITION BY chk, rid ORDER BY seq)) s
JOIN check_name c ON c.chk = s.chk JOIN resource r ON r.rid = s.rid JOIN target t ON t.target_id = r.target_id
JOIN ledger b ON b.seq = s.seq LEFT JOIN ledger e ON e.seq = s.to_seq
WHERE s.outcome = 2"""  # noqa: S608 - names of our own


def _gaps(dialect: str) -> str:
    """What should have been read and was not: single reads inside a run, whole slots, runs that broke off."""
    recorded = f"l.recorded_at AS recorded_us, {instant(dialect, 'l.recorded_at')} AS recorded"
    slot = f"l.slot AS slot_us, {instant(dialect, 'l.slot')} AS slot"
    return f"""SELECT l.seq AS seq, l.type AS entry_type,
  t.cloud AS cloud, t.name AS target, t.account AS account,
  {slot}, {recorded}, g.reason AS reason, g.collector AS collector, g.region AS region,
  g.kind AS kind, g.uid AS resource, g.operation AS operation, g.permission AS permission, g.error AS error
FROM gap g JOIN ledger l ON l.seq = g.seq JOIN target t ON t.target_id = l.target_id
UNION ALL
SELECT l.seq, l.type, t.cloud, t.name, t.account, {slot}, {recorded}, {field(dialect, "reason", "text")},
  '', '', '', NULL, '', '', {field(dialect, "text", "text")}
FROM ledger l JOIN target t ON t.target_id = l.target_id
WHERE l.type IN ('gap', 'abort')"""  # noqa: S608 - names of our own


def _evidence(dialect: str) -> str:
    """Every version of every document, with the hash of its bytes and how long it was the newest."""
    return f"""SELECT t.cloud AS cloud, t.name AS target, t.account AS account,
  r.kind AS kind, r.uid AS resource, r.region AS region, r.name AS name,
  {hexadecimal(dialect, "d.sha256")} AS sha256, d.raw_len AS bytes,
  CASE WHEN s.bid IS NULL THEN 1 ELSE 0 END AS deleted,
  s.seq AS from_seq, b.recorded_at AS from_us, {instant(dialect, "b.recorded_at")} AS from_time,
  s.to_seq AS to_seq, e.recorded_at AS to_us, {instant(dialect, "e.recorded_at")} AS to_time
FROM (SELECT rid, seq, bid, LEAD(seq) OVER (PARTITION BY rid ORDER BY seq) AS to_seq FROM version) s
JOIN resource r ON r.rid = s.rid JOIN target t ON t.target_id = r.target_id
JOIN ledger b ON b.seq = s.seq LEFT JOIN ledger e ON e.seq = s.to_seq LEFT JOIN blob d ON d.bid = s.bid"""  # noqa: S608 - names of our own
