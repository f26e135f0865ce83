-- Schema 5. When the section's first period began, kept or forgotten since: a proof misses what was removed before the
-- first one that is there. NULL: it has had none.
ALTER TABLE section_state ADD COLUMN begun_at BIGINT;
UPDATE section_state SET begun_at = (SELECT min(p.valid_from) FROM section_period AS p
                                     WHERE p.device = section_state.device AND p.section = section_state.section);
