-- Schema 2.

-- The journal's last entry in a row of its own: whoever appends holds that row.
CREATE TABLE journal_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL               -- of no entry: empty
) STRICT;
INSERT INTO journal_head (one, seq, hash)
SELECT 1, coalesce(max(seq), 0), coalesce((SELECT hash FROM journal_entry ORDER BY seq DESC LIMIT 1), x'')
FROM journal_entry;

-- When a rule last looked at the whole ledger: the living findings that it named were there then.
CREATE TABLE rule_state (
  rule TEXT PRIMARY KEY,
  swept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was stated of a section, and which rows were held, from when to when. The rows themselves have their periods in
-- their own tables; the digest proves them.
CREATE TABLE section_period (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device_entry (id),
  section TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,                -- NULL: still holds
  status TEXT NOT NULL,
  reason TEXT,
  row_count INTEGER NOT NULL,
  digest BLOB                      -- NULL: none held
) STRICT;
CREATE UNIQUE INDEX section_period_current ON section_period (device, section) WHERE valid_to IS NULL;
CREATE INDEX section_period_device ON section_period (device, section, valid_from);
-- What earlier schemas know: the rows held now were held when the section was last spoken of.
INSERT INTO section_period (device, section, valid_from, status, reason, row_count, digest)
SELECT device, section, checked_at, status, reason, row_count, digest FROM section_state;
