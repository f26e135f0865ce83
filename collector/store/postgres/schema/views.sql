-- The views of sqlite/schema/views.sql on PostgreSQL: the same names and columns (a test compares them), which are
-- documented there and in VIEWS.md; and the few functions that SQL on them may use on both engines. All are in the
-- schema daicho_view, so that a role can be given these and not the tables (GRANT USAGE ON SCHEMA, SELECT ON ALL TABLES).

-- --- functions of SQLite that SELECTs on the views use ----------------------------------------------------------------

CREATE FUNCTION json_each(list text) RETURNS TABLE (key bigint, value text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT place - 1, element FROM json_array_elements_text(list::json) WITH ORDINALITY AS e(element, place)
$$;
CREATE FUNCTION json_array_length(list text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT pg_catalog.json_array_length(list::json)::bigint $$;
CREATE FUNCTION json_list_final(texts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT coalesce(array_to_json(texts)::text, '[]') $$;
CREATE AGGREGATE json_list(text) (SFUNC = array_append, STYPE = text[], FINALFUNC = json_list_final);
CREATE FUNCTION datetime(at bigint, kind text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT to_char(to_timestamp(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') WHERE kind = 'unixepoch'
$$;

-- --- the blobs of set_codec.h --------------------------------------------------------------------------------------

-- `wanted` numbers of LEB128 (NULL: all there are) from byte `first` on (from 0), and the byte behind them.
CREATE FUNCTION varints(bytes bytea, first int, wanted int, OUT numbers bigint[], OUT next int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  size CONSTANT int := length(bytes);
  byte int;
  number bigint := 0;
  shift int := 0;
  left_over int := coalesce(wanted, 2147483647);
BEGIN
  numbers := '{}';
  next := first;
  WHILE left_over > 0 AND next < size LOOP
    byte := get_byte(bytes, next);
    next := next + 1;
    IF byte >= 128 THEN
      number := number | ((byte & 127)::bigint << shift);
      shift := shift + 7;
    ELSE
      numbers := numbers || (number | (byte::bigint << shift));
      number := 0;
      shift := 0;
      left_over := left_over - 1;
    END IF;
  END LOOP;
END $$;

-- Ascending numbers from their differences.
CREATE FUNCTION running_sums(gaps bigint[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  sums bigint[] := '{}';
  sum bigint := 0;
  gap bigint;
BEGIN
  FOREACH gap IN ARRAY gaps LOOP
    sum := sum + gap;
    sums := sums || sum;
  END LOOP;
  RETURN sums;
END $$;

-- installed_at (field 16 of message Software, a Timestamp: bytes 82 01, length, 08, seconds) of one tail; NULL: the tail
-- does not begin with it, or has no whole seconds.
CREATE FUNCTION tail_time(tail bytea) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  seconds bigint;
BEGIN
  IF length(tail) < 5 OR substring(tail FROM 1 FOR 2) <> '\x8201' OR get_byte(tail, 3) <> 8 THEN
    RETURN NULL;
  END IF;
  seconds := (varints(tail, 4, 1)).numbers[1];
  RETURN CASE WHEN seconds BETWEEN -62135596800 AND 253402300799 THEN seconds END;
END $$;

-- installed_at of `wanted` tails, in their order, from the blob that begins at byte `first` of `bytes`.
CREATE FUNCTION tail_times(bytes bytea, first int, wanted int) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  sizes bigint[];
  columns_at int;
  longest bigint;
  shortest bigint;
  open int[];
  tails bytea[] := array_fill(''::bytea, ARRAY[wanted]);
  height int;
  place int;
BEGIN
  IF first >= length(bytes) OR wanted = 0 THEN
    RETURN array_fill(NULL::bigint, ARRAY[wanted]);
  END IF;
  SELECT v.numbers, v.next INTO sizes, columns_at FROM varints(bytes, first + 1, wanted) AS v;
  SELECT max(size), min(size), array_agg(i::int ORDER BY i) INTO longest, shortest, open
  FROM unnest(sizes) WITH ORDINALITY AS s(size, i) WHERE size > 0;
  IF longest = shortest THEN
    -- As good as always: every tail is a time of the same length, or empty. Its bytes stand `height` apart.
    height := cardinality(open);
    SELECT array_agg(string_agg ORDER BY rank) INTO tails FROM (
      SELECT rank, string_agg(substring(bytes FROM columns_at + k * height + rank FOR 1), '' ORDER BY k)
      FROM generate_series(1, height) AS rank, generate_series(0, longest::int - 1) AS k GROUP BY rank) AS tail;
    RETURN (SELECT array_agg(t.time ORDER BY s.i) FROM unnest(sizes) WITH ORDINALITY AS s(size, i)
            LEFT JOIN (SELECT open[r.rank] AS i, tail_time(r.tail) AS time
                       FROM unnest(tails) WITH ORDINALITY AS r(tail, rank)) AS t ON t.i = s.i);
  END IF;
  FOR k IN 1..longest LOOP
    FOREACH place IN ARRAY open LOOP
      CONTINUE WHEN sizes[place] < k;
      tails[place] := tails[place] || substring(bytes FROM columns_at + 1 FOR 1);
      columns_at := columns_at + 1;
    END LOOP;
  END LOOP;
  RETURN (SELECT array_agg(tail_time(tail) ORDER BY i) FROM unnest(tails) WITH ORDINALITY AS t(tail, i));
END $$;

-- The software of one software_period: items of the dictionary, and when the machine installed them.
CREATE FUNCTION software_period_items(of_device bigint, of_period bigint)
RETURNS TABLE (software_id bigint, installed_at bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2000 COST 5000 SECURITY DEFINER SET search_path = daicho, daicho_view AS $$
DECLARE
  set_items bytea;
  own_tails bytea;
  base_tails bytea;
  base_items bytea;
  ids bigint[];
  times bigint[];
  base_ids bigint[];
  base_times bigint[];
  places bigint[];
  others int;
  others_at int;
BEGIN
  SELECT s.items, p.tails, b.tails, t.items INTO set_items, own_tails, base_tails, base_items
  FROM software_period AS p JOIN software_set AS s ON s.id = p.set_id
  LEFT JOIN software_period AS b ON b.device = p.device AND b.id = p.base
  LEFT JOIN software_set AS t ON t.id = b.set_id
  WHERE p.device = of_device AND p.id = of_period;
  ids := running_sums((varints(set_items, 0, NULL)).numbers);
  IF base_items IS NULL THEN
    times := tail_times(own_tails, 0, cardinality(ids));
    RETURN QUERY SELECT x.id, x.time FROM unnest(ids, times) AS x(id, time);
    RETURN;
  END IF;
  base_ids := running_sums((varints(base_items, 0, NULL)).numbers);
  base_times := tail_times(base_tails, 0, cardinality(base_ids));
  SELECT v.numbers[1], v.next INTO others, others_at FROM varints(own_tails, 0, 1) AS v;
  SELECT running_sums(v.numbers), v.next INTO places, others_at FROM varints(own_tails, others_at, others) AS v;
  times := tail_times(own_tails, others_at, others);
  RETURN QUERY
    SELECT x.id, CASE WHEN o.place IS NULL THEN b.time ELSE o.time END
    FROM unnest(ids) WITH ORDINALITY AS x(id, place)
    LEFT JOIN unnest(places, times) AS o(place, time) ON o.place = x.place
    LEFT JOIN unnest(base_ids, base_times) AS b(id, time) ON b.id = x.id;
END $$;

-- --- views ---------------------------------------------------------------------------------------------------------

CREATE VIEW device AS
SELECT
  d.device_id,
  d.hostname,
  CASE WHEN d.revoked_at IS NOT NULL THEN 'revoked' WHEN d.reported_at IS NULL THEN 'enrolled' ELSE 'active' END
    AS status,
  o.os_id,
  o.os_name,
  o.os_version,
  o.kernel,
  o.architecture AS os_architecture,
  h.manufacturer,
  h.model,
  h.serial,
  h.uuid,
  h.chassis,
  h.virtualization,
  h.cpu_model,
  h.memory_mib,
  (SELECT json_list(n.address ORDER BY n.address) FROM (
     SELECT DISTINCT split_part(a.value, '/', 1) COLLATE "C" AS address
     FROM network_row AS n, json_each(n.addresses) AS a
     WHERE n.device = d.id AND n.valid_to IS NULL AND n.kind IS DISTINCT FROM 'loopback'
       AND a.value !~ '^(fe[89ab]|169\.254\.|127\.|::1(/|$))' AND length(a.value) <= 64
     ORDER BY address LIMIT 1000) AS n) AS addresses,
  coalesce(
    (SELECT nullif(json_list(n.mac ORDER BY n.mac), '[]') FROM (
       SELECT DISTINCT n.mac FROM network_row AS n
       WHERE n.device = d.id AND n.valid_to IS NULL AND n.virtual IS DISTINCT FROM 1
         AND n.kind IS DISTINCT FROM 'loopback'
         AND n.mac IS NOT NULL AND n.mac <> '00:00:00:00:00:00' AND length(n.mac) <= 64
       ORDER BY n.mac LIMIT 1000) AS n),
    (SELECT json_list(n.mac ORDER BY n.mac) FROM (
       SELECT DISTINCT n.mac FROM network_row AS n
       WHERE n.device = d.id AND n.valid_to IS NULL AND n.mac IS NOT NULL AND n.mac <> '00:00:00:00:00:00'
         AND length(n.mac) <= 64
       ORDER BY n.mac LIMIT 1000) AS n)) AS macs,
  d.enrolled_at,
  d.last_seen,
  d.revoked_at,
  d.revoked_reason,
  d.agent_version,
  d.clock_skew_seconds,
  d.clock_wrong_at,
  (SELECT s.row_count FROM section_state AS s
   WHERE s.device = d.id AND s.section = 'software' AND s.digest IS NOT NULL) AS software_count,
  (SELECT s.row_count FROM section_state AS s
   WHERE s.device = d.id AND s.section = 'accounts' AND s.digest IS NOT NULL) AS account_count,
  d.cycle_cpu_ms,
  d.cycle_peak_rss_kib,
  d.cycle_bytes_out,
  d.cycle_overruns
FROM device_entry AS d
LEFT JOIN os_row AS o ON o.device = d.id AND o.valid_to IS NULL
LEFT JOIN hardware_row AS h ON h.device = d.id AND h.valid_to IS NULL;

CREATE VIEW section AS
SELECT
  d.device_id,
  d.hostname,
  s.section,
  s.status,
  s.reason,
  s.row_count,
  s.issue_count,
  s.issues,
  coalesce(encode(s.digest, 'hex'), '') AS digest,
  s.ok_at,
  s.checked_at
FROM section_state AS s
JOIN device_entry AS d ON d.id = s.device;

CREATE VIEW section_history AS
SELECT
  d.device_id, d.hostname,
  s.section, s.status, s.reason, s.row_count,
  coalesce(encode(s.digest, 'hex'), '') AS digest,
  s.valid_from, s.valid_to
FROM section_period AS s
JOIN device_entry AS d ON d.id = s.device;

CREATE VIEW account_history AS
SELECT
  d.device_id, d.hostname,
  a.name, a.uid, a.gid,
  a.full_name, a.home, a.shell,
  a.human,
  a.enabled,
  a.password,
  a.expired,
  a.admin,
  a.admin_by,
  a.groups,
  a.authorized_keys,
  a.password_set_at, a.expires_at, a.created_at,
  a.last_use_at,
  a.last_use_source,
  a.last_use_from,
  a.evidence_since,
  a.valid_from, a.valid_to
FROM account_row AS a
JOIN device_entry AS d ON d.id = a.device;

CREATE VIEW account AS
SELECT
  d.device_id, d.hostname,
  a.name, a.uid, a.gid, a.full_name, a.home, a.shell, a.human, a.enabled, a.password, a.expired, a.admin, a.admin_by,
  a.groups, a.authorized_keys, a.password_set_at, a.expires_at, a.created_at, a.last_use_at, a.last_use_source,
  a.last_use_from, a.evidence_since, a.valid_from
FROM account_row AS a
JOIN device_entry AS d ON d.id = a.device
WHERE a.valid_to IS NULL;

CREATE VIEW user_group AS
SELECT
  d.device_id, d.hostname,
  g.name, g.gid,
  g.members,
  g.admin,
  g.valid_from
FROM group_row AS g
JOIN device_entry AS d ON d.id = g.device
WHERE g.valid_to IS NULL;

CREATE VIEW software AS
SELECT
  i.id AS software_id,
  i.manager,
  i.name,
  i.version,
  i.version_key,
  i.architecture,
  i.state,
  nullif(i.want, '') AS want,
  nullif(i.source, '') AS source,
  nullif(i.source_version, '') AS source_version,
  nullif(i.publisher, '') AS publisher,
  nullif(i.section, '') AS archive_section
FROM software_item AS i;

CREATE VIEW installation AS
SELECT
  d.device_id, d.hostname,
  i.id AS software_id, i.manager, i.name, i.version, i.version_key, i.architecture, i.state,
  nullif(i.want, '') AS want,
  nullif(i.source, '') AS source,
  nullif(i.source_version, '') AS source_version,
  nullif(i.publisher, '') AS publisher,
  nullif(i.section, '') AS archive_section,
  x.installed_at,
  p.valid_from
FROM software_period AS p
JOIN device_entry AS d ON d.id = p.device
CROSS JOIN LATERAL software_period_items(p.device, p.id) AS x
JOIN software_item AS i ON i.id = x.software_id
WHERE p.valid_to IS NULL;

CREATE VIEW installation_history AS
SELECT
  d.device_id, d.hostname,
  i.id AS software_id, i.manager, i.name, i.version, i.version_key, i.architecture, i.state,
  nullif(i.want, '') AS want,
  nullif(i.source, '') AS source,
  nullif(i.source_version, '') AS source_version,
  nullif(i.publisher, '') AS publisher,
  nullif(i.section, '') AS archive_section,
  x.installed_at,
  p.valid_from, p.valid_to
FROM software_period AS p
JOIN device_entry AS d ON d.id = p.device
CROSS JOIN LATERAL software_period_items(p.device, p.id) AS x
JOIN software_item AS i ON i.id = x.software_id;

CREATE VIEW network_interface AS
SELECT
  d.device_id, d.hostname,
  n.name,
  n.kind,
  n.virtual,
  n.up,
  n.mac,
  n.addresses,
  n.valid_from
FROM network_row AS n
JOIN device_entry AS d ON d.id = n.device
WHERE n.valid_to IS NULL;

CREATE VIEW listener_history AS
SELECT
  d.device_id, d.hostname,
  l.protocol,
  l.address, l.port,
  l.program,
  l.uid,
  l.valid_from, l.valid_to
FROM listener_row AS l
JOIN device_entry AS d ON d.id = l.device;

CREATE VIEW listener AS
SELECT d.device_id, d.hostname, l.protocol, l.address, l.port, l.program, l.uid, l.valid_from
FROM listener_row AS l
JOIN device_entry AS d ON d.id = l.device
WHERE l.valid_to IS NULL;

CREATE VIEW finding AS
SELECT
  f.finding_id,
  f.rule, f.severity,
  f.status,
  d.device_id, d.hostname,
  f.subject,
  f.evidence,
  f.first_seen,
  CASE WHEN f.status = 'resolved' THEN f.last_seen ELSE greatest(f.last_seen, r.swept_at) END AS last_seen,
  f.resolved_at,
  f.waived_by, f.waive_reason, f.waived_until
FROM finding_entry AS f
JOIN device_entry AS d ON d.id = f.device
LEFT JOIN rule_state AS r ON r.rule = f.rule;

CREATE VIEW journal AS
SELECT seq, at, actor, action, detail, encode(hash, 'hex') AS hash FROM journal_entry;

CREATE VIEW export_run AS
SELECT name, at, ok, result, file FROM export_entry;

CREATE VIEW token AS
SELECT
  t.created_at, t.expires_at, t.used_at,
  d.device_id,
  t.note, t.created_by
FROM token_entry AS t
LEFT JOIN device_entry AS d ON d.id = t.device;

-- Machines that came with a device's key but are not (yet) it (device_line.h).
CREATE VIEW device_claim AS
SELECT
  d.device_id, d.hostname,
  c.hostname AS claimed_hostname,  -- what the machine calls itself
  c.address,                       -- it came from
  c.machine_id, c.hardware_id,     -- empty: not known
  c.first_seen, c.last_seen,
  CASE WHEN d.last_seen > c.first_seen THEN 'copy' ELSE 'held' END
    AS state                       -- copy: the device was heard of since; held: not yet known which one it is
FROM claim_entry AS c
JOIN device_entry AS d ON d.id = c.device;

CREATE VIEW history AS
SELECT max(kept_since) AS kept_since FROM history_state;
