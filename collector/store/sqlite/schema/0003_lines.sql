-- Schema 3.

-- Where the device is in its conversation with the collector (device_line.h); NULL: it has not begun.
ALTER TABLE device_entry ADD COLUMN line_continuation BLOB;
ALTER TABLE device_entry ADD COLUMN line_presented BLOB;
ALTER TABLE device_entry ADD COLUMN line_instance BLOB;
ALTER TABLE device_entry ADD COLUMN line_machine_id TEXT;
ALTER TABLE device_entry ADD COLUMN line_hardware_id TEXT;

-- Machines that came with the device's key but did not go on from where it was.
CREATE TABLE claim_entry (
  device INTEGER NOT NULL REFERENCES device_entry (id),
  machine_id TEXT NOT NULL,        -- empty: not known
  hardware_id TEXT NOT NULL,       -- empty: not known
  hostname TEXT NOT NULL,
  address TEXT NOT NULL,           -- it came from
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (device, machine_id, hardware_id)
) STRICT, WITHOUT ROWID;
