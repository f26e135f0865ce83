-- Schema 5. Which of several collectors does what is done once for all (LeaseWrite of store.h).
CREATE TABLE lease_entry (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  turn INTEGER NOT NULL  -- goes up with each renewal
) STRICT, WITHOUT ROWID;
