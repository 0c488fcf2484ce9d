CREATE TABLE blob (
  bid INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  codec INTEGER NOT NULL,
  base_bid INTEGER,
  raw_len INTEGER NOT NULL,
  media TEXT NOT NULL,
  data BLOB,
  CONSTRAINT blob_pkey PRIMARY KEY (bid),
  CONSTRAINT blob_sha256_key UNIQUE (sha256),
  CONSTRAINT blob_sha256_check CHECK (length(sha256) = 32),
  CONSTRAINT blob_codec_check CHECK (codec IN (0, 1, 2) AND (codec = 2) = (base_bid IS NOT NULL)),
  CONSTRAINT blob_base_bid_fkey FOREIGN KEY(base_bid) REFERENCES blob (bid)
)
 STRICT

CREATE TABLE check_name (
  chk INTEGER NOT NULL,
  check_id TEXT NOT NULL,
  CONSTRAINT check_name_pkey PRIMARY KEY (chk),
  CONSTRAINT check_name_check_id_key UNIQUE (check_id)
)
 STRICT

CREATE TABLE checkpoint (
  size INTEGER NOT NULL,
  note TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT checkpoint_pkey PRIMARY KEY (size)
)
 STRICT

CREATE TABLE head (
  rid INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  bucket INTEGER NOT NULL,
  CONSTRAINT head_pkey PRIMARY KEY (rid)
)
 STRICT

CREATE INDEX head_target_id_bucket_idx ON head (target_id, bucket)

CREATE TABLE ledger_node (
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hash BLOB NOT NULL,
  CONSTRAINT ledger_node_pkey PRIMARY KEY (level, idx),
  CONSTRAINT ledger_node_hash_check CHECK (length(hash) = 32)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE map_cache (
  target_id INTEGER NOT NULL,
  map TEXT NOT NULL,
  hashes BLOB NOT NULL,
  CONSTRAINT map_cache_pkey PRIMARY KEY (target_id, map)
)
 STRICT

CREATE TABLE outbox (
  id INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  payload BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT DEFAULT 'pending' NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  next_at INTEGER NOT NULL,
  CONSTRAINT outbox_pkey PRIMARY KEY (id),
  CONSTRAINT outbox_key_key UNIQUE ("key"),
  CONSTRAINT outbox_state_check CHECK (state IN ('pending', 'sent', 'failed'))
)
 STRICT

CREATE INDEX outbox_state_next_at_idx ON outbox (state, next_at)

CREATE TABLE result_head (
  chk INTEGER NOT NULL,
  rid INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  since_seq INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  detail_bid INTEGER NOT NULL,
  detail_sha BLOB NOT NULL,
  bucket INTEGER NOT NULL,
  CONSTRAINT result_head_pkey PRIMARY KEY (chk, rid)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX result_head_target_id_bucket_idx ON result_head (target_id, bucket)

CREATE TABLE staging (
  run_id TEXT NOT NULL,
  task TEXT NOT NULL,
  page INTEGER NOT NULL,
  payload BLOB NOT NULL,
  CONSTRAINT staging_pkey PRIMARY KEY (run_id, task, page)
)
 STRICT

CREATE TABLE target (
  target_id INTEGER NOT NULL,
  cloud TEXT NOT NULL,
  name TEXT NOT NULL,
  account TEXT NOT NULL,
  CONSTRAINT target_pkey PRIMARY KEY (target_id),
  CONSTRAINT target_cloud_name_account_key UNIQUE (cloud, name, account)
)
 STRICT

CREATE TABLE anchor (
  size INTEGER NOT NULL,
  kind TEXT NOT NULL,
  place TEXT NOT NULL,
  receipt BLOB,
  at INTEGER NOT NULL,
  CONSTRAINT anchor_pkey PRIMARY KEY (size, kind, place),
  CONSTRAINT anchor_size_fkey FOREIGN KEY(size) REFERENCES checkpoint (size)
)
 STRICT

CREATE TABLE ledger (
  seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  target_id INTEGER,
  slot INTEGER,
  ref INTEGER,
  recorded_at INTEGER NOT NULL,
  entry BLOB NOT NULL,
  leaf BLOB NOT NULL,
  CONSTRAINT ledger_pkey PRIMARY KEY (seq),
  CONSTRAINT ledger_leaf_check CHECK (length(leaf) = 32),
  CONSTRAINT ledger_ref_key UNIQUE (ref),
  CONSTRAINT ledger_target_id_fkey FOREIGN KEY(target_id) REFERENCES target (target_id),
  CONSTRAINT ledger_ref_fkey FOREIGN KEY(ref) REFERENCES ledger (seq)
)
 STRICT

CREATE INDEX ledger_recorded_at_idx ON ledger (recorded_at)

CREATE UNIQUE INDEX ledger_slot ON ledger (target_id, slot) WHERE type = 'run'

CREATE INDEX ledger_type_target_id_seq_idx ON ledger (type, target_id, seq)

CREATE TABLE resource (
  rid INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  uid TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  key_hash BLOB NOT NULL,
  first_seq INTEGER NOT NULL,
  CONSTRAINT resource_pkey PRIMARY KEY (rid),
  CONSTRAINT resource_target_id_kind_uid_key UNIQUE (target_id, kind, uid),
  CONSTRAINT resource_key_hash_check CHECK (length(key_hash) = 32),
  CONSTRAINT resource_target_id_fkey FOREIGN KEY(target_id) REFERENCES target (target_id)
)
 STRICT

CREATE INDEX resource_uid_idx ON resource (uid)

CREATE TABLE gap (
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  reason TEXT NOT NULL,
  collector TEXT NOT NULL,
  region TEXT NOT NULL,
  kind TEXT NOT NULL,
  uid TEXT,
  operation TEXT NOT NULL,
  permission TEXT NOT NULL,
  error TEXT NOT NULL,
  CONSTRAINT gap_pkey PRIMARY KEY (seq, n),
  CONSTRAINT gap_seq_fkey FOREIGN KEY(seq) REFERENCES ledger (seq)
)
 STRICT

CREATE TABLE heartbeat (
  seq INTEGER NOT NULL,
  manifest_bid INTEGER NOT NULL,
  record_bid INTEGER NOT NULL,
  CONSTRAINT heartbeat_pkey PRIMARY KEY (seq),
  CONSTRAINT heartbeat_seq_fkey FOREIGN KEY(seq) REFERENCES ledger (seq),
  CONSTRAINT heartbeat_manifest_bid_fkey FOREIGN KEY(manifest_bid) REFERENCES blob (bid),
  CONSTRAINT heartbeat_record_bid_fkey FOREIGN KEY(record_bid) REFERENCES blob (bid)
)
 STRICT

CREATE TABLE result (
  chk INTEGER NOT NULL,
  rid INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  outcome INTEGER,
  detail_bid INTEGER,
  CONSTRAINT result_pkey PRIMARY KEY (chk, rid, seq),
  CONSTRAINT result_outcome_check CHECK (outcome BETWEEN 1 AND 5 AND detail_bid IS NOT NULL OR outcome IS NULL AND detail_bid IS NULL),
  CONSTRAINT result_chk_fkey FOREIGN KEY(chk) REFERENCES check_name (chk),
  CONSTRAINT result_rid_fkey FOREIGN KEY(rid) REFERENCES resource (rid),
  CONSTRAINT result_seq_fkey FOREIGN KEY(seq) REFERENCES ledger (seq),
  CONSTRAINT result_detail_bid_fkey FOREIGN KEY(detail_bid) REFERENCES blob (bid)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX result_rid_seq_idx ON result (rid, seq)

CREATE INDEX result_seq_idx ON result (seq)

CREATE TABLE version (
  rid INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  bid INTEGER,
  CONSTRAINT version_pkey PRIMARY KEY (rid, seq),
  CONSTRAINT version_rid_fkey FOREIGN KEY(rid) REFERENCES resource (rid),
  CONSTRAINT version_seq_fkey FOREIGN KEY(seq) REFERENCES ledger (seq),
  CONSTRAINT version_bid_fkey FOREIGN KEY(bid) REFERENCES blob (bid)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX version_seq_idx ON version (seq)

CREATE TABLE volatile (
  seq INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  codec INTEGER NOT NULL,
  base_seq INTEGER,
  raw_len INTEGER NOT NULL,
  data BLOB,
  CONSTRAINT volatile_pkey PRIMARY KEY (seq),
  CONSTRAINT volatile_sha256_check CHECK (length(sha256) = 32),
  CONSTRAINT volatile_codec_check CHECK (codec IN (0, 1, 2) AND (codec = 2) = (base_seq IS NOT NULL)),
  CONSTRAINT volatile_seq_fkey FOREIGN KEY(seq) REFERENCES ledger (seq),
  CONSTRAINT volatile_base_seq_fkey FOREIGN KEY(base_seq) REFERENCES volatile (seq)
)
 STRICT

CREATE TRIGGER target_no_update BEFORE UPDATE ON target BEGIN SELECT RAISE(ABORT, 'target is append-only'); END

CREATE TRIGGER target_no_delete BEFORE DELETE ON target BEGIN SELECT RAISE(ABORT, 'target is append-only'); END

CREATE TRIGGER target_no_replace BEFORE INSERT ON target WHEN EXISTS (SELECT 1 FROM target WHERE (target_id = NEW.target_id) OR (cloud = NEW.cloud AND name = NEW.name AND account = NEW.account)) BEGIN SELECT RAISE(ABORT, 'target is append-only'); END

CREATE TRIGGER resource_no_update BEFORE UPDATE ON resource BEGIN SELECT RAISE(ABORT, 'resource is append-only'); END

CREATE TRIGGER resource_no_delete BEFORE DELETE ON resource BEGIN SELECT RAISE(ABORT, 'resource is append-only'); END

CREATE TRIGGER resource_no_replace BEFORE INSERT ON resource WHEN EXISTS (SELECT 1 FROM resource WHERE (rid = NEW.rid) OR (target_id = NEW.target_id AND kind = NEW.kind AND uid = NEW.uid)) BEGIN SELECT RAISE(ABORT, 'resource is append-only'); END

CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END

CREATE TRIGGER blob_no_delete BEFORE DELETE ON blob BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END

CREATE TRIGGER blob_no_replace BEFORE INSERT ON blob WHEN EXISTS (SELECT 1 FROM blob WHERE (bid = NEW.bid) OR (sha256 = NEW.sha256)) BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END

CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger WHEN EXISTS (SELECT 1 FROM ledger WHERE (seq = NEW.seq) OR (ref = NEW.ref) OR (NEW.type = 'run' AND type = 'run' AND target_id = NEW.target_id AND slot = NEW.slot)) BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END

CREATE TRIGGER ledger_dense BEFORE INSERT ON ledger WHEN NEW.seq <> (SELECT COALESCE(MAX(seq) + 1, 0) FROM ledger) BEGIN SELECT RAISE(ABORT, 'ledger seq must be dense'); END

CREATE TRIGGER ledger_node_no_update BEFORE UPDATE ON ledger_node BEGIN SELECT RAISE(ABORT, 'ledger_node is append-only'); END

CREATE TRIGGER ledger_node_no_delete BEFORE DELETE ON ledger_node BEGIN SELECT RAISE(ABORT, 'ledger_node is append-only'); END

CREATE TRIGGER ledger_node_no_replace BEFORE INSERT ON ledger_node WHEN EXISTS (SELECT 1 FROM ledger_node WHERE (level = NEW.level AND idx = NEW.idx)) BEGIN SELECT RAISE(ABORT, 'ledger_node is append-only'); END

CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END

CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END

CREATE TRIGGER checkpoint_no_replace BEFORE INSERT ON checkpoint WHEN EXISTS (SELECT 1 FROM checkpoint WHERE (size = NEW.size)) BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END

CREATE TRIGGER anchor_no_update BEFORE UPDATE ON anchor BEGIN SELECT RAISE(ABORT, 'anchor is append-only'); END

CREATE TRIGGER anchor_no_delete BEFORE DELETE ON anchor BEGIN SELECT RAISE(ABORT, 'anchor is append-only'); END

CREATE TRIGGER anchor_no_replace BEFORE INSERT ON anchor WHEN EXISTS (SELECT 1 FROM anchor WHERE (size = NEW.size AND kind = NEW.kind AND place = NEW.place)) BEGIN SELECT RAISE(ABORT, 'anchor is append-only'); END

CREATE TRIGGER version_no_update BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'version is append-only'); END

CREATE TRIGGER version_no_delete BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'version is append-only'); END

CREATE TRIGGER version_no_replace BEFORE INSERT ON version WHEN EXISTS (SELECT 1 FROM version WHERE (rid = NEW.rid AND seq = NEW.seq)) BEGIN SELECT RAISE(ABORT, 'version is append-only'); END

CREATE TRIGGER volatile_no_update BEFORE UPDATE ON volatile BEGIN SELECT RAISE(ABORT, 'volatile is append-only'); END

CREATE TRIGGER volatile_no_delete BEFORE DELETE ON volatile BEGIN SELECT RAISE(ABORT, 'volatile is append-only'); END

CREATE TRIGGER volatile_no_replace BEFORE INSERT ON volatile WHEN EXISTS (SELECT 1 FROM volatile WHERE (seq = NEW.seq)) BEGIN SELECT RAISE(ABORT, 'volatile is append-only'); END

CREATE TRIGGER check_name_no_update BEFORE UPDATE ON check_name BEGIN SELECT RAISE(ABORT, 'check_name is append-only'); END

CREATE TRIGGER check_name_no_delete BEFORE DELETE ON check_name BEGIN SELECT RAISE(ABORT, 'check_name is append-only'); END

CREATE TRIGGER check_name_no_replace BEFORE INSERT ON check_name WHEN EXISTS (SELECT 1 FROM check_name WHERE (chk = NEW.chk) OR (check_id = NEW.check_id)) BEGIN SELECT RAISE(ABORT, 'check_name is append-only'); END

CREATE TRIGGER result_no_update BEFORE UPDATE ON result BEGIN SELECT RAISE(ABORT, 'result is append-only'); END

CREATE TRIGGER result_no_delete BEFORE DELETE ON result BEGIN SELECT RAISE(ABORT, 'result is append-only'); END

CREATE TRIGGER result_no_replace BEFORE INSERT ON result WHEN EXISTS (SELECT 1 FROM result WHERE (chk = NEW.chk AND rid = NEW.rid AND seq = NEW.seq)) BEGIN SELECT RAISE(ABORT, 'result is append-only'); END

CREATE TRIGGER heartbeat_no_update BEFORE UPDATE ON heartbeat BEGIN SELECT RAISE(ABORT, 'heartbeat is append-only'); END

CREATE TRIGGER heartbeat_no_delete BEFORE DELETE ON heartbeat BEGIN SELECT RAISE(ABORT, 'heartbeat is append-only'); END

CREATE TRIGGER heartbeat_no_replace BEFORE INSERT ON heartbeat WHEN EXISTS (SELECT 1 FROM heartbeat WHERE (seq = NEW.seq)) BEGIN SELECT RAISE(ABORT, 'heartbeat is append-only'); END

CREATE TRIGGER gap_no_update BEFORE UPDATE ON gap BEGIN SELECT RAISE(ABORT, 'gap is append-only'); END

CREATE TRIGGER gap_no_delete BEFORE DELETE ON gap BEGIN SELECT RAISE(ABORT, 'gap is append-only'); END

CREATE TRIGGER gap_no_replace BEFORE INSERT ON gap WHEN EXISTS (SELECT 1 FROM gap WHERE (seq = NEW.seq AND n = NEW.n)) BEGIN SELECT RAISE(ABORT, 'gap is append-only'); END

CREATE VIEW v_runs AS
SELECT l.seq AS seq, t.cloud AS cloud, t.name AS target, t.account AS account,
  json_extract(CAST(l.entry AS TEXT), '$.run_id') AS run_id, json_extract(CAST(l.entry AS TEXT), '$.status') AS status,
  json_extract(CAST(l.entry AS TEXT), '$.scheduled') AS scheduled,
  l.slot AS slot_us, strftime('%Y-%m-%dT%H:%M:%S', l.slot / 1000000, 'unixepoch') || printf('.%06dZ', l.slot % 1000000) AS slot,
  json_extract(CAST(l.entry AS TEXT), '$.started') AS started_us,
  strftime('%Y-%m-%dT%H:%M:%S', json_extract(CAST(l.entry AS TEXT), '$.started') / 1000000, 'unixepoch') || printf('.%06dZ', json_extract(CAST(l.entry AS TEXT), '$.started') % 1000000) AS started,
  json_extract(CAST(l.entry AS TEXT), '$.finished') AS finished_us,
  strftime('%Y-%m-%dT%H:%M:%S', json_extract(CAST(l.entry AS TEXT), '$.finished') / 1000000, 'unixepoch') || printf('.%06dZ', json_extract(CAST(l.entry AS TEXT), '$.finished') % 1000000) AS finished,
  l.recorded_at AS recorded_us, strftime('%Y-%m-%dT%H:%M:%S', l.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', l.recorded_at % 1000000) AS recorded,
  json_extract(CAST(l.entry AS TEXT), '$.documents') AS documents, json_extract(CAST(l.entry AS TEXT), '$.changes') AS changes,
  json_extract(CAST(l.entry AS TEXT), '$.result_changes') AS result_changes,
  json_extract(CAST(l.entry AS TEXT), '$.gaps') AS gaps,
  json_extract(CAST(l.entry AS TEXT), '$.code_digest') AS code_digest,
  json_extract(CAST(l.entry AS TEXT), '$.config_digest') AS config_digest
FROM ledger l JOIN target t ON t.target_id = l.target_id
WHERE l.type = 'run'

CREATE VIEW v_findings AS
SELECT c.check_id AS check_id, t.cloud AS cloud, t.name AS target, t.account AS account,
  r.kind AS resource_type, r.uid AS resource, r.region AS region, r.name AS name,
  CASE s.outcome WHEN 1 THEN 'PASS' WHEN 2 THEN 'FAIL' WHEN 3 THEN 'UNKNOWN' WHEN 4 THEN 'ERROR' WHEN 5 THEN 'NOT_APPLICABLE' END AS outcome,
  s.seq AS from_seq, b.recorded_at AS from_us, strftime('%Y-%m-%dT%H:%M:%S', b.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', b.recorded_at % 1000000) AS from_time,
  s.to_seq AS to_seq, e.recorded_at AS to_us, strftime('%Y-%m-%dT%H:%M:%S', e.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', e.recorded_at % 1000000) AS to_time,
  CASE WHEN s.to_seq IS NULL THEN 1 ELSE 0 END AS in_force, lower(nullif(hex(d.sha256), '')) AS detail_sha256
FROM (SELECT chk, rid, seq, outcome, detail_bid, LEAD(seq) OVER (PARTITION BY chk, rid ORDER BY seq) AS to_seq
      FROM result) s
JOIN check_name c ON c.chk = s.chk JOIN resource r ON r.rid = s.rid JOIN target t ON t.target_id = r.target_id
JOIN ledger b ON b.seq = s.seq LEFT JOIN ledger e ON e.seq = s.to_seq LEFT JOIN blob d ON d.bid = s.detail_bid
WHERE s.outcome IS NOT NULL

CREATE VIEW v_failing_intervals AS
SELECT c.check_id AS check_id, t.cloud AS cloud, t.name AS target, t.account AS account,
  r.kind AS resource_type, r.uid AS resource, r.region AS region, r.name AS name,
  s.seq AS from_seq, b.recorded_at AS from_us, strftime('%Y-%m-%dT%H:%M:%S', b.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', b.recorded_at % 1000000) AS from_time,
  s.to_seq AS to_seq, e.recorded_at AS to_us, strftime('%Y-%m-%dT%H:%M:%S', e.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', e.recorded_at % 1000000) AS to_time,
  CASE s.next_outcome WHEN 1 THEN 'PASS' WHEN 2 THEN 'FAIL' WHEN 3 THEN 'UNKNOWN' WHEN 4 THEN 'ERROR' WHEN 5 THEN 'NOT_APPLICABLE' END AS next_outcome
FROM (SELECT chk, rid, seq, outcome, LEAD(seq) OVER pair AS to_seq, LEAD(outcome) OVER pair AS next_outcome
      FROM (SELECT chk, rid, seq, outcome, LAG(outcome) OVER (PARTITION BY chk, rid ORDER BY seq) AS earlier
            FROM result) x
      WHERE COALESCE(outcome, 0) <> COALESCE(earlier, 0)
      WINDOW pair AS (PARTITION BY chk, rid ORDER BY seq)) s
JOIN check_name c ON c.chk = s.chk JOIN resource r ON r.rid = s.rid JOIN target t ON t.target_id = r.target_id
JOIN ledger b ON b.seq = s.seq LEFT JOIN ledger e ON e.seq = s.to_seq
WHERE s.outcome = 2

CREATE VIEW v_gaps AS
SELECT l.seq AS seq, l.type AS entry_type,
  t.cloud AS cloud, t.name AS target, t.account AS account,
  l.slot AS slot_us, strftime('%Y-%m-%dT%H:%M:%S', l.slot / 1000000, 'unixepoch') || printf('.%06dZ', l.slot % 1000000) AS slot, l.recorded_at AS recorded_us, strftime('%Y-%m-%dT%H:%M:%S', l.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', l.recorded_at % 1000000) AS recorded, g.reason AS reason, g.collector AS collector, g.region AS region,
  g.kind AS kind, g.uid AS resource, g.operation AS operation, g.permission AS permission, g.error AS error
FROM gap g JOIN ledger l ON l.seq = g.seq JOIN target t ON t.target_id = l.target_id
UNION ALL
SELECT l.seq, l.type, t.cloud, t.name, t.account, l.slot AS slot_us, strftime('%Y-%m-%dT%H:%M:%S', l.slot / 1000000, 'unixepoch') || printf('.%06dZ', l.slot % 1000000) AS slot, l.recorded_at AS recorded_us, strftime('%Y-%m-%dT%H:%M:%S', l.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', l.recorded_at % 1000000) AS recorded, json_extract(CAST(l.entry AS TEXT), '$.reason'),
  '', '', '', NULL, '', '', json_extract(CAST(l.entry AS TEXT), '$.text')
FROM ledger l JOIN target t ON t.target_id = l.target_id
WHERE l.type IN ('gap', 'abort')

CREATE VIEW v_evidence AS
SELECT t.cloud AS cloud, t.name AS target, t.account AS account,
  r.kind AS kind, r.uid AS resource, r.region AS region, r.name AS name,
  lower(nullif(hex(d.sha256), '')) AS sha256, d.raw_len AS bytes,
  CASE WHEN s.bid IS NULL THEN 1 ELSE 0 END AS deleted,
  s.seq AS from_seq, b.recorded_at AS from_us, strftime('%Y-%m-%dT%H:%M:%S', b.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', b.recorded_at % 1000000) AS from_time,
  s.to_seq AS to_seq, e.recorded_at AS to_us, strftime('%Y-%m-%dT%H:%M:%S', e.recorded_at / 1000000, 'unixepoch') || printf('.%06dZ', e.recorded_at % 1000000) AS to_time
FROM (SELECT rid, seq, bid, LEAD(seq) OVER (PARTITION BY rid ORDER BY seq) AS to_seq FROM version) s
JOIN resource r ON r.rid = s.rid JOIN target t ON t.target_id = r.target_id
JOIN ledger b ON b.seq = s.seq LEFT JOIN ledger e ON e.seq = s.to_seq LEFT JOIN blob d ON d.bid = s.bid
