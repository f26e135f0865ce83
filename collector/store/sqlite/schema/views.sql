-- The stable face of the ledger: rules, reports and `daicho query` read these views and nothing beneath.
-- A column is never renamed or removed; new ones may be added. VIEWS.md says the same for people.
-- Times are UTC seconds; booleans are 0, 1 or NULL (not known); lists are JSON texts; NULL is "not known".
-- Revoked devices stay in every view, with their status in `device`.

-- One row a device that was ever enrolled.
CREATE VIEW device AS
SELECT
  d.device_id,                     -- 32 hex digits
  d.hostname,                      -- as reported; until the first report as enrolled
  CASE WHEN d.revoked_at IS NOT NULL THEN 'revoked' WHEN d.reported_at IS NULL THEN 'enrolled' ELSE 'active' END
    AS status,                     -- enrolled (never reported), active, revoked
  o.os_id,                         -- os-release ID: debian
  o.os_name,                       -- os-release PRETTY_NAME
  o.os_version,
  o.kernel,
  o.architecture AS os_architecture,
  h.manufacturer,
  h.model,
  h.serial,
  h.uuid,
  h.chassis,
  h.virtualization,                -- NULL: none known
  h.cpu_model,
  h.memory_mib,
  -- Lists of addresses are bounded: one machine's nonsense must not make the view too big for everybody.
  (SELECT json_list(address) FROM (
     SELECT DISTINCT substr(a.value, 1, instr(a.value || '/', '/') - 1) AS address
     FROM network_row AS n, json_each(n.addresses) AS a
     WHERE n.device = d.id AND n.valid_to IS NULL AND n.kind IS NOT 'loopback'
       AND a.value NOT GLOB 'fe[89ab]*' AND a.value NOT GLOB '169.254.*' AND a.value NOT GLOB '127.*'
       AND a.value NOT GLOB '::1/*' AND a.value <> '::1' AND length(a.value) <= 64
     ORDER BY address LIMIT 1000)) AS addresses,  -- list, no prefix length, no loopback, no link-local
  coalesce(
    (SELECT nullif(json_list(mac), '[]') FROM (
       SELECT DISTINCT n.mac FROM network_row AS n
       WHERE n.device = d.id AND n.valid_to IS NULL AND n.virtual IS NOT 1 AND n.kind IS NOT 'loopback'
         AND n.mac IS NOT NULL AND n.mac <> '00:00:00:00:00:00' AND length(n.mac) <= 64
       ORDER BY n.mac LIMIT 1000)),
    (SELECT json_list(mac) FROM (
       SELECT DISTINCT n.mac FROM network_row AS n
       WHERE n.device = d.id AND n.valid_to IS NULL AND n.mac IS NOT NULL AND n.mac <> '00:00:00:00:00:00'
         AND length(n.mac) <= 64
       ORDER BY n.mac LIMIT 1000))) AS macs,  -- list; of real interfaces, or of all if no real one has a MAC
  d.enrolled_at,
  d.last_seen,                     -- last enrolment, renewal, check-in or report
  d.revoked_at,
  d.revoked_reason,
  d.agent_version,
  d.clock_skew_seconds,            -- device clock minus collector clock at the last check-in
  d.clock_wrong_at,                -- last check-in at which the two were more than a day apart; NULL: never
  (SELECT s.row_count FROM section_state AS s
   WHERE s.device = d.id AND s.section = 'software' AND s.digest IS NOT NULL) AS software_count,
  (SELECT s.row_count FROM section_state AS s
   WHERE s.device = d.id AND s.section = 'accounts' AND s.digest IS NOT NULL) AS account_count,
  d.cycle_cpu_ms,                  -- what the last finished cycle cost the device
  d.cycle_peak_rss_kib,
  d.cycle_bytes_out,
  d.cycle_overruns                 -- list of ceilings hit
FROM device_entry AS d
LEFT JOIN os_row AS o ON o.device = d.id AND o.valid_to IS NULL
LEFT JOIN hardware_row AS h ON h.device = d.id AND h.valid_to IS NULL;

-- One row a device and section: what the last check-in said of it, and what is held.
CREATE VIEW section AS
SELECT
  d.device_id,
  d.hostname,
  s.section,                       -- software, accounts, …
  s.status,                        -- OK, PARTIAL, FAILED: of the last check-in
  s.reason,                        -- why PARTIAL or FAILED
  s.row_count,                     -- rows held
  s.issue_count,
  s.issues,                        -- list of objects {file, line, record, message}, the first 20
  lower(hex(s.digest)) AS digest,  -- of the rows held; empty: none
  s.ok_at,                         -- when the rows held were last stated to be right and complete
  s.checked_at                     -- last check-in that named the section
FROM section_state AS s
JOIN device_entry AS d ON d.id = s.device;

-- Every period of every section: what was stated of it, and which rows were held. valid_to NULL: still holds.
CREATE VIEW section_history AS
SELECT
  d.device_id, d.hostname,
  s.section, s.status, s.reason, s.row_count,
  lower(hex(s.digest)) AS digest,
  s.valid_from, s.valid_to
FROM section_period AS s
JOIN device_entry AS d ON d.id = s.device;

-- Every period of every account; valid_to NULL: still holds.
CREATE VIEW account_history AS
SELECT
  d.device_id, d.hostname,
  a.name, a.uid, a.gid,
  a.full_name, a.home, a.shell,
  a.human,                         -- uid in the range of people
  a.enabled,                       -- someone could log in
  a.password,                      -- set, empty, none, locked
  a.expired,
  a.admin,                         -- uid 0, or a group or sudoers rule that gives root
  a.admin_by,                      -- list: what gives it
  a.groups,                        -- list of names, primary group included
  a.authorized_keys,               -- has SSH keys that let in
  a.password_set_at, a.expires_at, a.created_at,
  a.last_use_at,                   -- NULL: no use seen since evidence_since
  a.last_use_source,               -- file that told it: lastlog, wtmp.1, …
  a.last_use_from,
  a.evidence_since,                -- since when login records reach back without a gap; NULL: no records
  a.valid_from, a.valid_to
FROM account_row AS a
JOIN device_entry AS d ON d.id = a.device;

-- Accounts as they are now.
CREATE VIEW account AS
SELECT
  d.device_id, d.hostname,
  a.name, a.uid, a.gid, a.full_name, a.home, a.shell, a.human, a.enabled, a.password, a.expired, a.admin, a.admin_by,
  a.groups, a.authorized_keys, a.password_set_at, a.expires_at, a.created_at, a.last_use_at, a.last_use_source,
  a.last_use_from, a.evidence_since, a.valid_from
FROM account_row AS a
JOIN device_entry AS d ON d.id = a.device
WHERE a.valid_to IS NULL;

-- Local groups as they are now.
CREATE VIEW user_group AS
SELECT
  d.device_id, d.hostname,
  g.name, g.gid,
  g.members,                       -- list of names, primary members included
  g.admin,                         -- membership gives root
  g.valid_from
FROM group_row AS g
JOIN device_entry AS d ON d.id = g.device
WHERE g.valid_to IS NULL;

-- The dictionary: each distinct software item that any device has or had. Judge items here, then join installation.
CREATE VIEW software AS
SELECT
  i.id AS software_id,             -- number within this ledger
  i.manager,                       -- dpkg, …
  i.name,
  i.version,
  i.version_key,                   -- sorts in the manager's own order; compare with version_key(manager, 'VERSION')
  i.architecture,
  i.state,                         -- dpkg: installed, config-files, half-configured, …
  software_field(i.item, 'want') AS want,
  software_field(i.item, 'source') AS source,
  software_field(i.item, 'source_version') AS source_version,
  software_field(i.item, 'publisher') AS publisher,
  software_field(i.item, 'section') AS archive_section
FROM software_item AS i;

-- Software on devices, now. A condition on name (and version_key) is fast.
CREATE VIEW installation AS
SELECT
  d.device_id, d.hostname,
  i.id AS software_id, i.manager, i.name, i.version, i.version_key, i.architecture, i.state,
  software_field(i.item, 'want') AS want,
  software_field(i.item, 'source') AS source,
  software_field(i.item, 'source_version') AS source_version,
  software_field(i.item, 'publisher') AS publisher,
  software_field(i.item, 'section') AS archive_section,
  x.installed_at,                  -- newest installation or upgrade the machine's files tell
  p.valid_from                     -- since when the device has this very set of software
FROM software_period AS p
JOIN device_entry AS d ON d.id = p.device
JOIN software_period_items(p.id) AS x
JOIN software_item AS i ON i.id = x.software_id
WHERE p.valid_to IS NULL;

-- Software on devices in every period.
CREATE VIEW installation_history AS
SELECT
  d.device_id, d.hostname,
  i.id AS software_id, i.manager, i.name, i.version, i.version_key, i.architecture, i.state,
  software_field(i.item, 'want') AS want,
  software_field(i.item, 'source') AS source,
  software_field(i.item, 'source_version') AS source_version,
  software_field(i.item, 'publisher') AS publisher,
  software_field(i.item, 'section') AS archive_section,
  x.installed_at,
  p.valid_from, p.valid_to
FROM software_period AS p
JOIN device_entry AS d ON d.id = p.device
JOIN software_period_items(p.id) AS x
JOIN software_item AS i ON i.id = x.software_id;

-- Network interfaces as they are now.
CREATE VIEW network_interface AS
SELECT
  d.device_id, d.hostname,
  n.name,
  n.kind,                          -- ethernet, wireless, loopback, bridge, vlan, bond, tunnel, virtual
  n.virtual,                       -- no device behind it
  n.up,
  n.mac,
  n.addresses,                     -- list with prefix length
  n.valid_from
FROM network_row AS n
JOIN device_entry AS d ON d.id = n.device
WHERE n.valid_to IS NULL;

-- Every period of every listening socket.
CREATE VIEW listener_history AS
SELECT
  d.device_id, d.hostname,
  l.protocol,                      -- tcp, tcp6, udp, udp6
  l.address, l.port,
  l.program,                       -- base name of the executable
  l.uid,                           -- owner of the socket
  l.valid_from, l.valid_to
FROM listener_row AS l
JOIN device_entry AS d ON d.id = l.device;

-- Listening sockets as they are now.
CREATE VIEW listener AS
SELECT d.device_id, d.hostname, l.protocol, l.address, l.port, l.program, l.uid, l.valid_from
FROM listener_row AS l
JOIN device_entry AS d ON d.id = l.device
WHERE l.valid_to IS NULL;

-- What rules found. A finding that comes back after it was resolved is a new one.
CREATE VIEW finding AS
SELECT
  f.finding_id,
  f.rule, f.severity,
  f.status,                        -- open, waived, resolved
  d.device_id, d.hostname,
  f.subject,                       -- account, package, port …: what within the device
  f.evidence,                      -- JSON object of texts
  f.first_seen,
  CASE WHEN f.status = 'resolved' THEN f.last_seen ELSE greatest(f.last_seen, r.swept_at) END AS last_seen,
  f.resolved_at,
  f.waived_by, f.waive_reason, f.waived_until
FROM finding_entry AS f
JOIN device_entry AS d ON d.id = f.device
LEFT JOIN rule_state AS r ON r.rule = f.rule;

-- The audit journal. hash: SHA-256 chain.
CREATE VIEW journal AS
SELECT seq, at, actor, action, detail, lower(hex(hash)) AS hash FROM journal_entry;

-- Every run of a scheduled export.
CREATE VIEW export_run AS
SELECT name, at, ok, result, file FROM export_entry;

-- Enrolment tokens, without their hashes.
CREATE VIEW token AS
SELECT
  t.created_at, t.expires_at, t.used_at,
  d.device_id,                     -- device it enrols again, or, once used, the device it enrolled
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

-- One row: how far back the past is known.
CREATE VIEW history AS
SELECT max(kept_since) AS kept_since FROM history_state;  -- NULL: to the ledger's beginning
