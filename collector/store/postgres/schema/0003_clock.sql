-- Schema 3. The last check-in at which the device's clock was wrong by more than a day: what its files tell of the time
-- before is dated by that clock. NULL: it never was.
ALTER TABLE device_entry ADD COLUMN clock_wrong_at BIGINT;
UPDATE device_entry SET clock_wrong_at = last_seen WHERE abs(clock_skew_seconds) > 86400;
