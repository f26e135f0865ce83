-- Schema 6. How far back the ledger knows what was (RetentionWrite of store.h); no row: to its beginning.
CREATE TABLE history_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  kept_since INTEGER NOT NULL
) STRICT;
