"""The views for a period: calls, days of controls, waivers and populations.

Part of `storage.views`.  What SQL has to read inside of contents (the control library, the kinds of a population,
waivers) stands in bodies of ledger entries, which are kept uncompressed for that.
"""

from __future__ import annotations

from storage.fragments import DAY, bodies, date, instant, member, times

_WHO = "t.cloud AS cloud, t.name AS target, t.account AS account"
_LAST_HELD = """runs AS (
  SELECT seq, target_id, recorded_at, LAG(seq) OVER (PARTITION BY target_id ORDER BY seq) AS before
  FROM ledger WHERE type = 'run'),
newest AS (SELECT target_id, MAX(seq) AS seq FROM runs GROUP BY target_id)"""


def calls(dialect: str) -> str:
    """Operations, each over the runs in which it was answered alike."""
    return f"""SELECT {_WHO}, o.collector AS collector, o.region AS region, o.service AS service,
  o.operation AS operation, o.endpoint AS endpoint,
  s.calls AS calls, s.pages AS pages, s.item_count AS items, s.failed AS failed, s.error AS error,
  s.seq AS from_seq, b.recorded_at AS from_us, {instant(dialect, "b.recorded_at")} AS from_time,
  s.to_seq AS to_seq, e.recorded_at AS to_us, {instant(dialect, "e.recorded_at")} AS to_time
FROM (SELECT op, seq, calls, pages, item_count, failed, error, LEAD(seq) OVER (PARTITION BY op ORDER BY seq) AS to_seq
      FROM asked) s
JOIN operation o ON o.op = s.op JOIN target t ON t.target_id = o.target_id
JOIN ledger b ON b.seq = s.seq LEFT JOIN ledger e ON e.seq = s.to_seq
WHERE s.calls > 0"""  # noqa: S608 - names of our own


def control_days(dialect: str) -> str:
    """What the checks of each control said on each day, in each target."""
    numbers = {"pass": 1, "fail": 2, "unknown": 3, "error": 4, "not_applicable": 5, "decided": 6, "stand": 7}
    running = ", ".join(
        f"SUM(SUM(CASE WHEN cls = {number} THEN d ELSE 0 END)) OVER whole AS n_{name}"
        for name, number in numbers.items()
    )
    nothing = ", ".join(f"0 AS n_{name}" for name in numbers)
    found = ", ".join(f"r.n_{name}" for name in numbers)
    sums = ", ".join(f"SUM(n_{name}) AS n_{name}" for name in numbers)
    seen = ", ".join(f"CASE WHEN w.runs IS NULL THEN 0 ELSE p.n_{name} END AS n_{name}" for name in numbers)
    columns = {
        "checks": "s.checks",
        "silent_checks": "s.silent",
        "verdicts": "s.verdicts",
        "passing": "s.n_pass",
        "failing": "s.n_fail",
        "unknown": "s.n_unknown",
        "broken": "s.n_error",
        "not_applicable": "s.n_not_applicable",
        "undecided": "s.verdicts - s.n_decided",
    }
    shown = ", ".join(f"CAST({value} AS BIGINT) AS {name}" for name, value in columns.items())
    return f"""WITH RECURSIVE runs AS MATERIALIZED (
  SELECT seq, target_id, recorded_at / {DAY} AS day,
    LAG(recorded_at / {DAY}) OVER (PARTITION BY target_id ORDER BY seq) AS before
  FROM ledger WHERE type = 'run'),
reach AS (
  SELECT target_id, MIN(day) AS first_day, (SELECT MAX(recorded_at) / {DAY} FROM ledger) AS last_day
  FROM runs GROUP BY target_id),
days AS (
  SELECT target_id, first_day AS day, last_day FROM reach
  UNION ALL SELECT target_id, day + 1, last_day FROM days WHERE day < last_day),
worked AS (SELECT target_id, day, COUNT(*) AS runs FROM runs GROUP BY target_id, day),
library AS MATERIALIZED ({bodies(dialect, "policy", "controls")}),
editions AS (SELECT body, recorded_at / {DAY} AS from_day,
  LEAD(recorded_at / {DAY}) OVER (ORDER BY seq) - 1 AS to_day FROM library),
mapped AS ({_mapping(dialect)}),
stands AS MATERIALIZED (
  SELECT x.chk, x.rid, x.seq, x.outcome, b.target_id, b.day AS first_day, COALESCE(e.before, z.last_day) AS last_day,
    CASE WHEN e.day - 1 > e.before THEN e.day - 1 ELSE COALESCE(e.before, z.last_day) END AS held_day
  FROM (SELECT chk, rid, seq, outcome, LEAD(seq) OVER (PARTITION BY chk, rid ORDER BY seq) AS to_seq FROM result) x
  JOIN runs b ON b.seq = x.seq LEFT JOIN runs e ON e.seq = x.to_seq JOIN reach z ON z.target_id = b.target_id
  WHERE x.outcome IS NOT NULL),
marks AS (
  SELECT chk, rid, seq, target_id, first_day, last_day, outcome AS cls FROM stands
  UNION ALL SELECT chk, rid, seq, target_id, first_day, last_day, 6 FROM stands WHERE outcome IN (1, 2, 5)
  UNION ALL SELECT chk, rid, seq, target_id, first_day, held_day, 7 FROM stands),
spans AS (
  SELECT chk, target_id, cls, last_day, CASE WHEN earlier >= first_day THEN earlier + 1 ELSE first_day END AS first_day
  FROM (SELECT chk, target_id, cls, first_day, last_day,
          LAG(last_day) OVER (PARTITION BY chk, rid, cls ORDER BY seq) AS earlier FROM marks) m),
steps AS (
  SELECT chk, target_id, cls, first_day AS day, 1 AS d FROM spans WHERE first_day <= last_day
  UNION ALL SELECT chk, target_id, cls, last_day + 1, -1 FROM spans WHERE first_day <= last_day
  UNION ALL SELECT c.chk, g.target_id, 0, g.day, 0 FROM (SELECT DISTINCT chk, target_id FROM stands) c
    JOIN days g ON g.target_id = c.target_id),
counted AS MATERIALIZED (SELECT chk, target_id, day, {running} FROM steps GROUP BY chk, target_id, day
  WINDOW whole AS (PARTITION BY chk, target_id ORDER BY day)),
parts AS (
  SELECT m.control_id, g.target_id, g.day, 1 AS asked, 0 AS told, {nothing}
  FROM days g JOIN mapped m ON g.day >= m.from_day AND (m.to_day IS NULL OR g.day <= m.to_day)
  UNION ALL
  SELECT m.control_id, r.target_id, r.day, 0, CASE WHEN r.n_stand > 0 THEN 1 ELSE 0 END, {found}
  FROM counted r JOIN check_name c ON c.chk = r.chk JOIN mapped m ON m.check_id = c.check_id
    AND r.day >= m.from_day AND (m.to_day IS NULL OR r.day <= m.to_day)),
added AS (
  SELECT control_id, target_id, day, SUM(asked) AS checks, SUM(asked) - SUM(told) AS silent, {sums}
  FROM parts GROUP BY control_id, target_id, day),
totals AS (
  SELECT p.control_id, p.target_id, p.day, COALESCE(w.runs, 0) AS runs, p.checks, p.silent, p.n_stand AS verdicts,
    {seen}
  FROM added p LEFT JOIN worked w ON w.target_id = p.target_id AND w.day = p.day WHERE p.checks > 0)
SELECT s.control_id AS control_id, {_WHO}, {date(dialect, "s.day")} AS day,
  s.runs AS runs, {shown},
  CASE WHEN s.n_fail > 0 THEN 'FAIL' WHEN s.n_error > 0 THEN 'ERROR'
    WHEN s.n_unknown > 0 OR s.silent > 0 OR s.runs = 0 THEN 'UNKNOWN'
    WHEN s.n_pass > 0 THEN 'PASS' ELSE 'NOT_APPLICABLE' END AS outcome,
  CASE WHEN s.runs > 0 AND s.silent = 0 AND s.verdicts = s.n_decided THEN 1 ELSE 0 END AS covered
FROM totals s JOIN target t ON t.target_id = s.target_id"""  # noqa: S608 - names of our own


def _mapping(dialect: str) -> str:
    """Which check tests which control, by edition of the library."""
    columns = "SELECT DISTINCT {control} AS control_id, {check} AS check_id, v.from_day, v.to_day FROM editions v"
    if dialect == "sqlite":
        return (
            columns.format(control="json_extract(c.value, '$.id')", check="k.value")
            + ", json_each(v.body, '$.controls') c, json_each(c.value, '$.checks') k\n"
            "  WHERE json_extract(c.value, '$.not_applicable') = ''"
        )
    return (
        columns.format(control="c.value ->> 'id'", check="k.value")
        + " CROSS JOIN LATERAL jsonb_array_elements(v.body -> 'controls') c(value)\n"
        "  CROSS JOIN LATERAL jsonb_array_elements_text(c.value -> 'checks') k(value)"
        " WHERE c.value ->> 'not_applicable' = ''"
    )


def waivers(dialect: str) -> str:
    """Approved exceptions with the time in which each holds."""
    texts = ("control", "target", "resource", "reason", "risk", "compensating", "requested_by", "approved_by")
    plain = ", ".join(f"{member(dialect, 'g.body', name)} AS {name}" for name in texts)
    numbers = ", ".join(
        f"{member(dialect, 'g.body', name, 'bigint')} AS {name}" for name in ("approved_at", "valid_from", "valid_to")
    )
    if dialect == "sqlite":
        id_, latest = "printf('W-%04d', g.n)", "MAX(w.recorded_at, w.approved_at, w.valid_from)"
    else:
        id_ = "'W-' || lpad(g.n::text, greatest(4, length(g.n::text)), '0')"
        latest = "CASE WHEN w.approved_at IS NOT NULL THEN GREATEST(w.recorded_at, w.approved_at, w.valid_from) END"
    ends = "CASE WHEN w.revoked_at < w.valid_to THEN w.revoked_at ELSE w.valid_to END"
    shown = ", ".join(
        times(dialect, f"({column})", name)
        for column, name in (
            ("w.approved_at", "approved"),
            ("w.valid_from", "valid_from"),
            ("w.valid_to", "valid_to"),
            ("w.recorded_at", "recorded"),
            (latest, "begins"),
            (ends, "ends"),
            ("w.revoked_at", "revoked"),
        )
    )
    return f"""WITH granted AS MATERIALIZED (SELECT seq, recorded_at, body, ROW_NUMBER() OVER (ORDER BY seq) AS n
  FROM ({bodies(dialect, "statement", "waiver")}) x),
ended AS MATERIALIZED ({bodies(dialect, "statement", "waiver-revoked")}),
first_end AS (SELECT waiver, recorded_at, revoked_by, revoked_because FROM (
  SELECT recorded_at, {member(dialect, "body", "waiver")} AS waiver, {member(dialect, "body", "by")} AS revoked_by,
    {member(dialect, "body", "reason")} AS revoked_because,
    ROW_NUMBER() OVER (PARTITION BY {member(dialect, "body", "waiver")} ORDER BY seq) AS n FROM ended) y WHERE n = 1),
w AS (SELECT {id_} AS waiver, g.seq, g.recorded_at, {plain}, {numbers}, r.recorded_at AS revoked_at,
  r.revoked_by, r.revoked_because FROM granted g LEFT JOIN first_end r ON r.waiver = {id_})
SELECT w.waiver AS waiver, w.seq AS seq, {", ".join(f"w.{name} AS {name}" for name in texts)},
  {shown}, w.revoked_by AS revoked_by, w.revoked_because AS revoked_because
FROM w"""  # noqa: S608 - names of our own


def population(dialect: str) -> str:
    """Everything that ever existed of each population, one row for each stretch of existence."""
    if dialect == "sqlite":
        members = "json_each(d.body, '$.kinds') p, json_each(p.value) k"
    else:
        members = (
            "LATERAL jsonb_each(d.body -> 'kinds') p(key, value), LATERAL jsonb_array_elements_text(p.value) k(value)"
        )
    return f"""WITH declared AS MATERIALIZED (SELECT seq, body FROM ({bodies(dialect, "policy", "populations")}) x
  ORDER BY seq DESC LIMIT 1),
kinds AS MATERIALIZED (SELECT p.key AS population, k.value AS kind FROM declared d, {members}),
{_LAST_HELD},
lives AS (SELECT rid, seq, bid, LEAD(seq) OVER (PARTITION BY rid ORDER BY seq) AS gone_seq FROM (
    SELECT v.rid, v.seq, v.bid, LAG(v.bid) OVER (PARTITION BY v.rid ORDER BY v.seq) AS earlier
    FROM version v JOIN resource r ON r.rid = v.rid WHERE r.kind IN (SELECT kind FROM kinds)) y
  WHERE (bid IS NULL AND earlier IS NOT NULL) OR (bid IS NOT NULL AND earlier IS NULL))
SELECT k.population AS population, t.cloud || '/' || t.account || '/' || r.uid AS id, {_WHO},
  r.kind AS kind, r.uid AS resource, r.region AS region, r.name AS name,
  {times(dialect, "b.recorded_at", "first_seen")},
  {times(dialect, "h.recorded_at", "last_held")},
  {times(dialect, "e.recorded_at", "gone")},
  CASE WHEN s.gone_seq IS NULL THEN 1 ELSE 0 END AS still_there
FROM lives s JOIN resource r ON r.rid = s.rid JOIN target t ON t.target_id = r.target_id
JOIN kinds k ON k.kind = r.kind JOIN ledger b ON b.seq = s.seq LEFT JOIN runs e ON e.seq = s.gone_seq
LEFT JOIN newest z ON z.target_id = r.target_id JOIN ledger h ON h.seq = COALESCE(e.before, z.seq)
WHERE s.bid IS NOT NULL"""  # noqa: S608 - names of our own


def one_of(name: str, _dialect: str) -> str:
    """One population by its name."""
    return f"SELECT * FROM v_population WHERE population = '{name}'"  # noqa: S608 - names of our own


def accounts(dialect: str) -> str:
    """Every account of which a run was ever sealed."""
    return f"""SELECT t.cloud || '/' || t.account AS id, {_WHO}, s.runs AS runs,
  s.first_seq AS first_seq, {times(dialect, "b.recorded_at", "first_run")},
  s.last_seq AS last_seq, {times(dialect, "e.recorded_at", "last_run")}
FROM (SELECT target_id, COUNT(*) AS runs, MIN(seq) AS first_seq, MAX(seq) AS last_seq FROM ledger
      WHERE type = 'run' GROUP BY target_id) s
JOIN target t ON t.target_id = s.target_id JOIN ledger b ON b.seq = s.first_seq JOIN ledger e ON e.seq = s.last_seq"""  # noqa: S608 - names of our own
