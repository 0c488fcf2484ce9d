DROP TABLE outbox

CREATE TABLE outbox (
  id INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  route TEXT NOT NULL,
  payload BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT DEFAULT 'pending' NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  next_at INTEGER NOT NULL,
  settled_at INTEGER,
  error TEXT,
  CONSTRAINT outbox_pkey PRIMARY KEY (id),
  CONSTRAINT outbox_key_key UNIQUE ("key"),
  CONSTRAINT outbox_state_check CHECK (state IN ('pending', 'sent', 'failed'))
)
 STRICT

CREATE INDEX outbox_state_next_at_idx ON outbox (state, next_at)

CREATE TABLE alert (
  "key" TEXT NOT NULL,
  state BLOB NOT NULL,
  updated_at INTEGER NOT NULL,
  CONSTRAINT alert_pkey PRIMARY KEY ("key")
)
 STRICT

CREATE TABLE daemon (
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  version TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  beat_at INTEGER NOT NULL,
  state BLOB NOT NULL,
  CONSTRAINT daemon_pkey PRIMARY KEY (name),
  CONSTRAINT daemon_role_check CHECK (role IN ('leader', 'standby', 'worker'))
)
 STRICT
