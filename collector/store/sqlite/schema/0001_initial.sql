-- Schema 1. Times are UTC seconds; booleans are 0, 1 or NULL (not known); lists are JSON texts. Names that end in
-- _meta, _entry, _row, _state, _item, _set or _period are the store's own: readers use the views (views.sql) and nothing else.

CREATE TABLE store_meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device_entry (
  id INTEGER PRIMARY KEY,
  device_id TEXT NOT NULL UNIQUE,
  hostname TEXT NOT NULL,          -- as the os section reports it; until then as enrolled
  enrolled_at INTEGER NOT NULL,
  reported_at INTEGER,             -- first report
  last_seen INTEGER NOT NULL,
  revoked_at INTEGER,
  revoked_reason TEXT,
  agent_version TEXT,
  clock_skew_seconds INTEGER,
  cycle_cpu_ms INTEGER,
  cycle_peak_rss_kib INTEGER,
  cycle_bytes_out INTEGER,
  cycle_overruns TEXT
) STRICT;

-- state: current (accepted), next (renewed and not used yet, accepted), old (refused).
CREATE TABLE certificate_entry (
  serial TEXT PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  not_after INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('current', 'next', 'old')),
  issued_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_entry_device ON certificate_entry (device);

CREATE TABLE token_entry (
  id INTEGER PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  device INTEGER REFERENCES device_entry (id),  -- the device it enrols again; after use, the device it enrolled
  bound INTEGER NOT NULL,                       -- 1: made for that device alone
  note TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;

CREATE TABLE section_state (
  device INTEGER NOT NULL REFERENCES device_entry (id),
  section TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  issue_count INTEGER NOT NULL DEFAULT 0,
  issues TEXT NOT NULL DEFAULT '[]',
  row_count INTEGER NOT NULL DEFAULT 0,
  digest BLOB,                     -- of the rows held; NULL: none ever held
  merged_digest BLOB,              -- of the last PARTIAL rows that were merged into those held
  ok_at INTEGER,                   -- when the rows held were last stated to be right and complete
  checked_at INTEGER NOT NULL,
  PRIMARY KEY (device, section)
) STRICT, WITHOUT ROWID;

-- The dictionary: each distinct software item once (fields 1 to 15 of message Software). item_hash spares an index
-- over the item bytes; equal hashes are told apart by comparing them.
CREATE TABLE software_item (
  id INTEGER PRIMARY KEY,
  item_hash INTEGER NOT NULL,
  item BLOB NOT NULL,
  manager TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  version_key BLOB NOT NULL,
  architecture TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX software_item_hash ON software_item (item_hash);
CREATE INDEX software_item_name ON software_item (name, version_key);

-- Immutable sets of items, named by their content (set_codec.h). Identical machines share one.
CREATE TABLE software_set (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  item_count INTEGER NOT NULL,
  items BLOB NOT NULL
) STRICT;

CREATE TABLE software_period (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  set_id INTEGER NOT NULL REFERENCES software_set (id),
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,                -- NULL: still holds
  base INTEGER REFERENCES software_period (id),  -- NULL: tails are whole; otherwise a patch of that period's, which is whole
  tails BLOB NOT NULL              -- fields from 16 on of each row, in the order of the set (set_codec.h)
) STRICT;
CREATE UNIQUE INDEX software_period_current ON software_period (device) WHERE valid_to IS NULL;
CREATE INDEX software_period_device ON software_period (device, valid_from);

-- Every other section: one table of rows with the period in which they held; `row` has the bytes as the agent made
-- them, the columns after it are projections of them (projection.cc).
CREATE TABLE account_row (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,
  row BLOB NOT NULL,
  name TEXT, uid INTEGER, gid INTEGER, full_name TEXT, home TEXT, shell TEXT,
  human INTEGER, enabled INTEGER, password TEXT, expired INTEGER,
  admin INTEGER, admin_by TEXT, groups TEXT, authorized_keys INTEGER,
  password_set_at INTEGER, expires_at INTEGER, created_at INTEGER,
  last_use_at INTEGER, last_use_source TEXT, last_use_from TEXT, evidence_since INTEGER
) STRICT;
CREATE INDEX account_row_current ON account_row (device) WHERE valid_to IS NULL;
CREATE INDEX account_row_device ON account_row (device, valid_from);

CREATE TABLE group_row (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,
  row BLOB NOT NULL,
  name TEXT, gid INTEGER, members TEXT, admin INTEGER
) STRICT;
CREATE INDEX group_row_current ON group_row (device) WHERE valid_to IS NULL;

CREATE TABLE os_row (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,
  row BLOB NOT NULL,
  hostname TEXT, os_id TEXT, os_name TEXT, os_version TEXT, codename TEXT, kernel TEXT, architecture TEXT,
  time_zone TEXT, machine_id TEXT
) STRICT;
CREATE INDEX os_row_current ON os_row (device) WHERE valid_to IS NULL;

CREATE TABLE hardware_row (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,
  row BLOB NOT NULL,
  manufacturer TEXT, model TEXT, serial TEXT, uuid TEXT, chassis TEXT, virtualization TEXT, cpu_model TEXT,
  cpu_threads INTEGER, memory_mib INTEGER
) STRICT;
CREATE INDEX hardware_row_current ON hardware_row (device) WHERE valid_to IS NULL;

CREATE TABLE network_row (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,
  row BLOB NOT NULL,
  name TEXT, kind TEXT, virtual INTEGER, up INTEGER, mac TEXT, addresses TEXT
) STRICT;
CREATE INDEX network_row_current ON network_row (device) WHERE valid_to IS NULL;

CREATE TABLE listener_row (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,
  row BLOB NOT NULL,
  protocol TEXT, address TEXT, port INTEGER, program TEXT, uid INTEGER
) STRICT;
CREATE INDEX listener_row_current ON listener_row (device) WHERE valid_to IS NULL;
CREATE INDEX listener_row_device ON listener_row (device, valid_from);

CREATE TABLE finding_entry (
  finding_id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  subject TEXT NOT NULL,
  severity TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'waived', 'resolved')),
  evidence TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  resolved_at INTEGER,
  waived_by TEXT,
  waive_reason TEXT,
  waived_until INTEGER
) STRICT;
CREATE UNIQUE INDEX finding_entry_living ON finding_entry (rule, device, subject) WHERE status <> 'resolved';
CREATE INDEX finding_entry_device ON finding_entry (device);

CREATE TABLE export_entry (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  ok INTEGER NOT NULL,
  result TEXT NOT NULL,
  file TEXT NOT NULL
) STRICT;
CREATE INDEX export_entry_name ON export_entry (name, at);

-- A hash chain (journal_hash.h).
CREATE TABLE journal_entry (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;
