-- Schema 2. The journal's last entry in a row of its own: whoever appends holds that row.
CREATE TABLE journal_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL               -- of no entry: empty
) STRICT;
INSERT INTO journal_head (one, seq, hash)
SELECT 1, coalesce(max(seq), 0), coalesce((SELECT hash FROM journal_entry ORDER BY seq DESC LIMIT 1), x'')
FROM journal_entry;
