CREATE TABLE operation (
  op INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  collector TEXT NOT NULL,
  region TEXT NOT NULL,
  service TEXT NOT NULL,
  operation TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  CONSTRAINT operation_pkey PRIMARY KEY (op),
  CONSTRAINT operation_target_id_what_key UNIQUE (target_id, collector, region, service, operation, endpoint)
)
 STRICT

CREATE TABLE asked (
  op INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  item_count INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  error TEXT NOT NULL,
  CONSTRAINT asked_pkey PRIMARY KEY (op, seq)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX blob_plain ON blob (bid) WHERE codec = 0

CREATE VIEW v_calls AS
SELECT t.cloud AS cloud, t.name AS target, t.account AS account, o.collector AS collector, o.region AS region, o.service AS service,
  o.operation AS operation, o.endpoint AS endpoint,
  s.calls AS calls, s.pages AS pages, s.item_count AS items, s.failed AS failed, s.error AS error,
  s.seq AS from_seq, b.recorded_at AS from_us, strftime('%Y-%m-%dT%H:%M:%S', b.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', b.recorded_at % 1000000) AS from_time,
  s.to_seq AS to_seq, e.recorded_at AS to_us, strftime('%Y-%m-%dT%H:%M:%S', e.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', e.recorded_at % 1000000) AS to_time
FROM (SELECT op, seq, calls, pages, item_count, failed, error, LEAD(seq) OVER (PARTITION BY op ORDER BY seq) AS to_seq
      FROM asked) s
JOIN operation o ON o.op = s.op JOIN target t ON t.target_id = o.target_id
JOIN ledger b ON b.seq = s.seq LEFT JOIN ledger e ON e.seq = s.to_seq
WHERE s.calls > 0

CREATE VIEW v_control_days AS
WITH RECURSIVE runs AS MATERIALIZED (
  SELECT seq, target_id, recorded_at / 86400000000 AS day,
    LAG(recorded_at / 86400000000) OVER (PARTITION BY target_id ORDER BY seq) AS before
  FROM ledger WHERE type = 'run'),
reach AS (
  SELECT target_id, MIN(day) AS first_day, (SELECT MAX(recorded_at) / 86400000000 FROM ledger) AS last_day
  FROM runs GROUP BY target_id),
days AS (
  SELECT target_id, first_day AS day, last_day FROM reach
  UNION ALL SELECT target_id, day + 1, last_day FROM days WHERE day < last_day),
worked AS (SELECT target_id, day, COUNT(*) AS runs FROM runs GROUP BY target_id, day),
library AS MATERIALIZED (SELECT l.seq AS seq, l.recorded_at AS recorded_at, CAST(b.data AS TEXT) AS body
  FROM ledger l LEFT JOIN (SELECT bid, lower(hex(sha256)) AS sha FROM blob WHERE codec = 0) p ON p.sha = json_extract(CAST(l.entry AS TEXT), '$.body_sha')
  LEFT JOIN blob b ON b.bid = p.bid WHERE l.type = 'policy' AND json_extract(CAST(l.entry AS TEXT), '$.kind') = 'controls'),
editions AS (SELECT body, recorded_at / 86400000000 AS from_day,
  LEAD(recorded_at / 86400000000) OVER (ORDER BY seq) - 1 AS to_day FROM library),
mapped AS (SELECT DISTINCT json_extract(c.value, '$.id') AS control_id, k.value AS check_id, v.from_day, v.to_day FROM editions v, json_each(v.body, '$.controls') c, json_each(c.value, '$.checks') k
  WHERE json_extract(c.value, '$.not_applicable') = ''),
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
counted AS MATERIALIZED (SELECT chk, target_id, day, SUM(SUM(CASE WHEN cls = 1 THEN d ELSE 0 END)) OVER whole AS n_pass, SUM(SUM(CASE WHEN cls = 2 THEN d ELSE 0 END)) OVER whole AS n_fail, SUM(SUM(CASE WHEN cls = 3 THEN d ELSE 0 END)) OVER whole AS n_unknown, SUM(SUM(CASE WHEN cls = 4 THEN d ELSE 0 END)) OVER whole AS n_error, SUM(SUM(CASE WHEN cls = 5 THEN d ELSE 0 END)) OVER whole AS n_not_applicable, SUM(SUM(CASE WHEN cls = 6 THEN d ELSE 0 END)) OVER whole AS n_decided, SUM(SUM(CASE WHEN cls = 7 THEN d ELSE 0 END)) OVER whole AS n_stand FROM steps GROUP BY chk, target_id, day
  WINDOW whole AS (PARTITION BY chk, target_id ORDER BY day)),
parts AS (
  SELECT m.control_id, g.target_id, g.day, 1 AS asked, 0 AS told, 0 AS n_pass, 0 AS n_fail, 0 AS n_unknown, 0 AS n_error, 0 AS n_not_applicable, 0 AS n_decided, 0 AS n_stand
  FROM days g JOIN mapped m ON g.day >= m.from_day AND (m.to_day IS NULL OR g.day <= m.to_day)
  UNION ALL
  SELECT m.control_id, r.target_id, r.day, 0, CASE WHEN r.n_stand > 0 THEN 1 ELSE 0 END, r.n_pass, r.n_fail, r.n_unknown, r.n_error, r.n_not_applicable, r.n_decided, r.n_stand
  FROM counted r JOIN check_name c ON c.chk = r.chk JOIN mapped m ON m.check_id = c.check_id
    AND r.day >= m.from_day AND (m.to_day IS NULL OR r.day <= m.to_day)),
added AS (
  SELECT control_id, target_id, day, SUM(asked) AS checks, SUM(asked) - SUM(told) AS silent, SUM(n_pass) AS n_pass, SUM(n_fail) AS n_fail, SUM(n_unknown) AS n_unknown, SUM(n_error) AS n_error, SUM(n_not_applicable) AS n_not_applicable, SUM(n_decided) AS n_decided, SUM(n_stand) AS n_stand
  FROM parts GROUP BY control_id, target_id, day),
totals AS (
  SELECT p.control_id, p.target_id, p.day, COALESCE(w.runs, 0) AS runs, p.checks, p.silent, p.n_stand AS verdicts,
    CASE WHEN w.runs IS NULL THEN 0 ELSE p.n_pass END AS n_pass, CASE WHEN w.runs IS NULL THEN 0 ELSE p.n_fail END AS n_fail, CASE WHEN w.runs IS NULL THEN 0 ELSE p.n_unknown END AS n_unknown, CASE WHEN w.runs IS NULL THEN 0 ELSE p.n_error END AS n_error, CASE WHEN w.runs IS NULL THEN 0 ELSE p.n_not_applicable END AS n_not_applicable, CASE WHEN w.runs IS NULL THEN 0 ELSE p.n_decided END AS n_decided, CASE WHEN w.runs IS NULL THEN 0 ELSE p.n_stand END AS n_stand
  FROM added p LEFT JOIN worked w ON w.target_id = p.target_id AND w.day = p.day WHERE p.checks > 0)
SELECT s.control_id AS control_id, t.cloud AS cloud, t.name AS target, t.account AS account, date(s.day * 86400, 'unixepoch') AS day,
  s.runs AS runs, CAST(s.checks AS BIGINT) AS checks, CAST(s.silent AS BIGINT) AS silent_checks, CAST(s.verdicts AS BIGINT) AS verdicts, CAST(s.n_pass AS BIGINT) AS passing, CAST(s.n_fail AS BIGINT) AS failing, CAST(s.n_unknown AS BIGINT) AS unknown, CAST(s.n_error AS BIGINT) AS broken, CAST(s.n_not_applicable AS BIGINT) AS not_applicable, CAST(s.verdicts - s.n_decided AS BIGINT) AS undecided,
  CASE WHEN s.n_fail > 0 THEN 'FAIL' WHEN s.n_error > 0 THEN 'ERROR'
    WHEN s.n_unknown > 0 OR s.silent > 0 OR s.runs = 0 THEN 'UNKNOWN'
    WHEN s.n_pass > 0 THEN 'PASS' ELSE 'NOT_APPLICABLE' END AS outcome,
  CASE WHEN s.runs > 0 AND s.silent = 0 AND s.verdicts = s.n_decided THEN 1 ELSE 0 END AS covered
FROM totals s JOIN target t ON t.target_id = s.target_id

CREATE VIEW v_waivers AS
WITH granted AS MATERIALIZED (SELECT seq, recorded_at, body, ROW_NUMBER() OVER (ORDER BY seq) AS n
  FROM (SELECT l.seq AS seq, l.recorded_at AS recorded_at, CAST(b.data AS TEXT) AS body
  FROM ledger l LEFT JOIN (SELECT bid, lower(hex(sha256)) AS sha FROM blob WHERE codec = 0) p ON p.sha = json_extract(CAST(l.entry AS TEXT), '$.body_sha')
  LEFT JOIN blob b ON b.bid = p.bid WHERE l.type = 'statement' AND json_extract(CAST(l.entry AS TEXT), '$.kind') = 'waiver') x),
ended AS MATERIALIZED (SELECT l.seq AS seq, l.recorded_at AS recorded_at, CAST(b.data AS TEXT) AS body
  FROM ledger l LEFT JOIN (SELECT bid, lower(hex(sha256)) AS sha FROM blob WHERE codec = 0) p ON p.sha = json_extract(CAST(l.entry AS TEXT), '$.body_sha')
  LEFT JOIN blob b ON b.bid = p.bid WHERE l.type = 'statement' AND json_extract(CAST(l.entry AS TEXT), '$.kind') = 'waiver-revoked'),
first_end AS (SELECT waiver, recorded_at, revoked_by, revoked_because FROM (
  SELECT recorded_at, json_extract(body, '$.waiver') AS waiver, json_extract(body, '$.by') AS revoked_by,
    json_extract(body, '$.reason') AS revoked_because,
    ROW_NUMBER() OVER (PARTITION BY json_extract(body, '$.waiver') ORDER BY seq) AS n FROM ended) y WHERE n = 1),
w AS (SELECT printf('W-%04d', g.n) AS waiver, g.seq, g.recorded_at, json_extract(g.body, '$.control') AS control, json_extract(g.body, '$.target') AS target, json_extract(g.body, '$.resource') AS resource, json_extract(g.body, '$.reason') AS reason, json_extract(g.body, '$.risk') AS risk, json_extract(g.body, '$.compensating') AS compensating, json_extract(g.body, '$.requested_by') AS requested_by, json_extract(g.body, '$.approved_by') AS approved_by, json_extract(g.body, '$.approved_at') AS approved_at, json_extract(g.body, '$.valid_from') AS valid_from, json_extract(g.body, '$.valid_to') AS valid_to, r.recorded_at AS revoked_at,
  r.revoked_by, r.revoked_because FROM granted g LEFT JOIN first_end r ON r.waiver = printf('W-%04d', g.n))
SELECT w.waiver AS waiver, w.seq AS seq, w.control AS control, w.target AS target, w.resource AS resource, w.reason AS reason, w.risk AS risk, w.compensating AS compensating, w.requested_by AS requested_by, w.approved_by AS approved_by,
  (w.approved_at) AS approved_us, strftime('%Y-%m-%dT%H:%M:%S', (w.approved_at) / 1000000, 'unixepoch') || printf('.%06dZ', (w.approved_at) % 1000000) AS approved, (w.valid_from) AS valid_from_us, strftime('%Y-%m-%dT%H:%M:%S', (w.valid_from) / 1000000, 'unixepoch') || printf('.%06dZ', (w.valid_from) % 1000000) AS valid_from, (w.valid_to) AS valid_to_us, strftime('%Y-%m-%dT%H:%M:%S', (w.valid_to) / 1000000, 'unixepoch') || printf('.%06dZ', (w.valid_to) % 1000000) AS valid_to, (w.recorded_at) AS recorded_us, strftime('%Y-%m-%dT%H:%M:%S', (w.recorded_at) / 1000000, 'unixepoch') || printf('.%06dZ', (w.recorded_at) % 1000000) AS recorded, (MAX(w.recorded_at, w.approved_at, w.valid_from)) AS begins_us, strftime('%Y-%m-%dT%H:%M:%S', (MAX(w.recorded_at, w.approved_at, w.valid_from)) / 1000000, 'unixepoch') || printf('.%06dZ', (MAX(w.recorded_at, w.approved_at, w.valid_from)) % 1000000) AS begins, (CASE WHEN w.revoked_at < w.valid_to THEN w.revoked_at ELSE w.valid_to END) AS ends_us, strftime('%Y-%m-%dT%H:%M:%S', (CASE WHEN w.revoked_at < w.valid_to THEN w.revoked_at ELSE w.valid_to END) / 1000000, 'unixepoch') || printf('.%06dZ', (CASE WHEN w.revoked_at < w.valid_to THEN w.revoked_at ELSE w.valid_to END) % 1000000) AS ends, (w.revoked_at) AS revoked_us, strftime('%Y-%m-%dT%H:%M:%S', (w.revoked_at) / 1000000, 'unixepoch') || printf('.%06dZ', (w.revoked_at) % 1000000) AS revoked, w.revoked_by AS revoked_by, w.revoked_because AS revoked_because
FROM w

CREATE VIEW v_population AS
WITH declared AS MATERIALIZED (SELECT seq, body FROM (SELECT l.seq AS seq, l.recorded_at AS recorded_at, CAST(b.data AS TEXT) AS body
  FROM ledger l LEFT JOIN (SELECT bid, lower(hex(sha256)) AS sha FROM blob WHERE codec = 0) p ON p.sha = json_extract(CAST(l.entry AS TEXT), '$.body_sha')
  LEFT JOIN blob b ON b.bid = p.bid WHERE l.type = 'policy' AND json_extract(CAST(l.entry AS TEXT), '$.kind') = 'populations') x
  ORDER BY seq DESC LIMIT 1),
kinds AS MATERIALIZED (SELECT p.key AS population, k.value AS kind FROM declared d, json_each(d.body, '$.kinds') p, json_each(p.value) k),
runs AS (
  SELECT seq, target_id, recorded_at, LAG(seq) OVER (PARTITION BY target_id ORDER BY seq) AS before
  FROM ledger WHERE type = 'run'),
newest AS (SELECT target_id, MAX(seq) AS seq FROM runs GROUP BY target_id),
lives AS (SELECT rid, seq, bid, LEAD(seq) OVER (PARTITION BY rid ORDER BY seq) AS gone_seq FROM (
    SELECT v.rid, v.seq, v.bid, LAG(v.bid) OVER (PARTITION BY v.rid ORDER BY v.seq) AS earlier
    FROM version v JOIN resource r ON r.rid = v.rid WHERE r.kind IN (SELECT kind FROM kinds)) y
  WHERE (bid IS NULL AND earlier IS NOT NULL) OR (bid IS NOT NULL AND earlier IS NULL))
SELECT k.population AS population, t.cloud || '/' || t.account || '/' || r.uid AS id, t.cloud AS cloud, t.name AS target, t.account AS account,
  r.kind AS kind, r.uid AS resource, r.region AS region, r.name AS name,
  b.recorded_at AS first_seen_us, strftime('%Y-%m-%dT%H:%M:%S', b.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', b.recorded_at % 1000000) AS first_seen,
  h.recorded_at AS last_held_us, strftime('%Y-%m-%dT%H:%M:%S', h.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', h.recorded_at % 1000000) AS last_held,
  e.recorded_at AS gone_us, strftime('%Y-%m-%dT%H:%M:%S', e.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', e.recorded_at % 1000000) AS gone,
  CASE WHEN s.gone_seq IS NULL THEN 1 ELSE 0 END AS still_there
FROM lives s JOIN resource r ON r.rid = s.rid JOIN target t ON t.target_id = r.target_id
JOIN kinds k ON k.kind = r.kind JOIN ledger b ON b.seq = s.seq LEFT JOIN runs e ON e.seq = s.gone_seq
LEFT JOIN newest z ON z.target_id = r.target_id JOIN ledger h ON h.seq = COALESCE(e.before, z.seq)
WHERE s.bid IS NOT NULL

CREATE VIEW v_population_accounts AS
SELECT t.cloud || '/' || t.account AS id, t.cloud AS cloud, t.name AS target, t.account AS account, s.runs AS runs,
  s.first_seq AS first_seq, b.recorded_at AS first_run_us, strftime('%Y-%m-%dT%H:%M:%S', b.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', b.recorded_at % 1000000) AS first_run,
  s.last_seq AS last_seq, e.recorded_at AS last_run_us, strftime('%Y-%m-%dT%H:%M:%S', e.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', e.recorded_at % 1000000) AS last_run
FROM (SELECT target_id, COUNT(*) AS runs, MIN(seq) AS first_seq, MAX(seq) AS last_seq FROM ledger
      WHERE type = 'run' GROUP BY target_id) s
JOIN target t ON t.target_id = s.target_id JOIN ledger b ON b.seq = s.first_seq JOIN ledger e ON e.seq = s.last_seq

CREATE VIEW v_population_users AS
SELECT * FROM v_population WHERE population = 'users'

CREATE VIEW v_population_access_keys AS
SELECT * FROM v_population WHERE population = 'access_keys'

CREATE VIEW v_population_roles AS
SELECT * FROM v_population WHERE population = 'roles'

CREATE VIEW v_population_stores AS
SELECT * FROM v_population WHERE population = 'stores'

CREATE VIEW v_population_databases AS
SELECT * FROM v_population WHERE population = 'databases'

CREATE VIEW v_population_volumes AS
SELECT * FROM v_population WHERE population = 'volumes'

CREATE VIEW v_population_file_systems AS
SELECT * FROM v_population WHERE population = 'file_systems'

CREATE VIEW v_population_keys AS
SELECT * FROM v_population WHERE population = 'keys'

CREATE VIEW v_population_load_balancers AS
SELECT * FROM v_population WHERE population = 'load_balancers'

CREATE VIEW v_population_trails AS
SELECT * FROM v_population WHERE population = 'trails'

CREATE VIEW v_population_backups AS
SELECT * FROM v_population WHERE population = 'backups'
