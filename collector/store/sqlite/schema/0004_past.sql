-- Schema 4. What a device had at any moment is found without reading every device's past, and so is what refers to a
-- set or to a period whose tails are whole.
CREATE INDEX group_row_device ON group_row (device, valid_from);
CREATE INDEX os_row_device ON os_row (device, valid_from);
CREATE INDEX hardware_row_device ON hardware_row (device, valid_from);
CREATE INDEX network_row_device ON network_row (device, valid_from);
CREATE INDEX software_period_set ON software_period (set_id);
CREATE INDEX software_period_base ON software_period (base) WHERE base IS NOT NULL;
