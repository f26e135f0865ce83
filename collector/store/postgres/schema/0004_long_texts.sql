-- Schema 4. What devices report may be longer than an entry of a B-tree (2,704 bytes): the names of software and the
-- subjects of findings are indexed by a hash of theirs, so that whatever SQLite keeps is kept here, too. A hash index is
-- looked at for an equal name, and the name is compared then; the versions of one name are few.
DROP INDEX software_item_name;
CREATE INDEX software_item_name ON software_item USING hash (name);

-- A cast of a text to bytea takes its backslashes for escapes.
DROP INDEX finding_entry_living;
CREATE UNIQUE INDEX finding_entry_living
ON finding_entry (device, rule, sha256(CAST(replace(subject, E'\\', E'\\\\') AS bytea))) WHERE status <> 'resolved';
