-- What happened: facts in quarterly partitions, what they add up to per participant, and how far each gate's journal is held.
-- Inside, everything points by `ref` integers; the views at the end speak in UUIDs and words.
CREATE SCHEMA attendance;

-- A gate's journal epoch. Its row is the lock and the proof: facts are new exactly when they lie beyond `through` and `runs`,
-- and a commit based on another `revision` is refused. `requests` marks the one epoch per gate for records asked by HTTP.
CREATE TABLE attendance.epochs (
  ref integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  gate_ref integer NOT NULL,
  epoch uuid NOT NULL,
  requests boolean NOT NULL DEFAULT false,
  -- Other bytes came under numbers that are held: a restored or cloned disk. Stays so.
  forked boolean NOT NULL DEFAULT false,
  through bigint NOT NULL DEFAULT 0,
  signed_to bigint NOT NULL DEFAULT 0,
  revision integer NOT NULL DEFAULT 0,
  head bytea NOT NULL DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000',
  runs jsonb NOT NULL DEFAULT '[]',
  unsigned_since timestamptz,
  first_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (gate_ref, epoch)
) WITH (fillfactor = 40);
CREATE UNIQUE INDEX epochs_requests ON attendance.epochs (gate_ref) WHERE requests;

-- Every decision, denials included. method: 0 ble_auto, 1 qr_scan, 2 manual. direction: 0 entry, 1 exit.
-- outcome: 0 admit, 1 deny, 2 ask. flags (bits): 1 duplicate, 2 double-entry, 4 revoked-before, 8 unknown-participant,
-- 16 outside-hours, 32 clock-untrusted, 64 offline, 128 override, 256 undone, 512 signed-unknown,
-- 1024 event-not-assigned, 2048 future.
CREATE TABLE attendance.attendance_records (
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  seq bigint NOT NULL,
  digest uuid NOT NULL,
  credential uuid,
  epoch_ref integer NOT NULL,
  event_ref integer NOT NULL,
  gate_ref integer NOT NULL,
  participant_ref integer,
  took_us integer,
  method smallint NOT NULL,
  direction smallint NOT NULL,
  outcome smallint NOT NULL,
  flags smallint NOT NULL DEFAULT 0,
  reason text,
  rule text,
  -- The rest of the line that people ask for: {"lane","staff","override","location","deviceInfo","rssi"}.
  details jsonb,
  -- The partition key has to be in it; that a seq is stored once is decided by the epoch's row.
  PRIMARY KEY (epoch_ref, seq, at)
) PARTITION BY RANGE (at);
CREATE INDEX records_by_participant ON attendance.attendance_records (participant_ref, at DESC);
CREATE INDEX records_by_gate ON attendance.attendance_records (gate_ref, at DESC);
CREATE INDEX records_by_method ON attendance.attendance_records (method, at DESC);
CREATE INDEX records_by_participant_gate ON attendance.attendance_records (participant_ref, gate_ref, at);
-- A gate whose clock is wild must not lose a fact: what fits no quarter lands here.
CREATE TABLE attendance.attendance_records_other PARTITION OF attendance.attendance_records DEFAULT;

-- Makes the partition of the quarter that holds `instant`; rows that waited in the default one move over.
CREATE FUNCTION attendance.ensure_quarter(instant timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  first timestamptz := date_trunc('quarter', instant AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  next timestamptz := (date_trunc('quarter', instant AT TIME ZONE 'UTC') + interval '3 months') AT TIME ZONE 'UTC';
  name text := 'attendance_records_' || to_char(first AT TIME ZONE 'UTC', 'YYYY"q"Q');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('attendance.ensure_quarter'));
  IF to_regclass('attendance.' || name) IS NOT NULL THEN RETURN NULL; END IF;
  EXECUTE format('CREATE TABLE attendance.%I (LIKE attendance.attendance_records INCLUDING DEFAULTS)', name);
  EXECUTE format('WITH moved AS (DELETE FROM attendance.attendance_records_other WHERE at >= %L AND at < %L RETURNING *)
    INSERT INTO attendance.%I SELECT * FROM moved', first, next, name);
  EXECUTE format('ALTER TABLE attendance.attendance_records ATTACH PARTITION attendance.%I FOR VALUES FROM (%L) TO (%L)', name, first, next);
  RETURN name;
END $$;

-- Journal entries that are no decisions: undo, passage, door, staff, system.
CREATE TABLE attendance.gate_log (
  epoch_ref integer NOT NULL,
  seq bigint NOT NULL,
  gate_ref integer NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  digest uuid NOT NULL,
  body jsonb NOT NULL,
  PRIMARY KEY (epoch_ref, seq)
);
CREATE INDEX gate_log_by_gate ON attendance.gate_log (gate_ref, at DESC);

-- An undo whose decision has not arrived yet (live entries overtake the backlog), until it does.
CREATE TABLE attendance.undos_waiting (
  epoch_ref integer NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (epoch_ref, seq)
);

-- What could not be read, or failed chain, signature or schema: kept as it came, with the reason.
CREATE TABLE attendance.parked_entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  epoch_ref integer NOT NULL,
  seq bigint NOT NULL,
  reason text NOT NULL,
  digest uuid NOT NULL,
  raw text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (epoch_ref, seq, digest)
);

-- Messages that could not even be numbered; the newest ones, for finding out why.
CREATE TABLE attendance.unreadable_messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  gate uuid NOT NULL,
  at timestamptz NOT NULL,
  reason text NOT NULL,
  raw bytea NOT NULL
);

-- The lines as they came, many to a row, so that a chain can be verified again. parts: [[epoch_ref, from, to, offset, bytes, prev, head, signature]].
CREATE TABLE attendance.raw_lines (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_at timestamptz NOT NULL,
  epoch_refs integer[] NOT NULL,
  parts jsonb NOT NULL,
  bytes integer NOT NULL,
  codec text NOT NULL,
  data bytea NOT NULL
);
ALTER TABLE attendance.raw_lines ALTER data SET STORAGE EXTERNAL;
CREATE INDEX raw_lines_by_time ON attendance.raw_lines (received_at);

-- The fold of a participant's admitted passages. was_inside and prior_* are the state before the last update, so that the same
-- statement can count arrivals exactly and flag oddities, whoever else writes.
CREATE TABLE attendance.presence (
  event_ref integer NOT NULL,
  participant_ref integer NOT NULL,
  entries integer NOT NULL,
  last_gate_ref integer NOT NULL,
  last_at timestamptz NOT NULL,
  first_at timestamptz,
  prior_at timestamptz,
  prior_gate_ref integer,
  -- Local day (days since 1970-01-01) of the latest entries, their number; earlier days are in `days` {"YYYY-MM-DD": n}.
  day integer,
  day_entries integer NOT NULL DEFAULT 0,
  inside boolean NOT NULL,
  was_inside boolean NOT NULL DEFAULT false,
  last_direction smallint NOT NULL,
  zone text,
  days jsonb,
  PRIMARY KEY (event_ref, participant_ref)
) WITH (fillfactor = 70);

-- Adds two {"day": n} maps.
CREATE FUNCTION attendance.add_days(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT jsonb_object_agg(day, n) FROM (
    SELECT day, sum(n) AS n FROM (
      SELECT key AS day, value::int AS n FROM jsonb_each_text(coalesce(a, '{}')) UNION ALL
      SELECT key, value::int FROM jsonb_each_text(coalesce(b, '{}'))) both_maps GROUP BY day HAVING sum(n) > 0) added
$$;
CREATE FUNCTION attendance.day_name(day integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_char(date '1970-01-01' + day, 'YYYY-MM-DD')
$$;

-- Whose presence changed and at which gate last, one row per commit; taken by the downlink, which gives the numbers.
CREATE TABLE attendance.presence_pending (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_refs integer[] NOT NULL,
  participant_refs integer[] NOT NULL,
  gate_refs integer[] NOT NULL
);
-- It lives for a fifth of a second: compressing it would be work for nothing.
ALTER TABLE attendance.presence_pending ALTER event_refs SET STORAGE EXTERNAL, ALTER participant_refs SET STORAGE EXTERNAL,
  ALTER gate_refs SET STORAGE EXTERNAL;
-- The presence feed: versions from + 1 .. to belong to these participants, in order. The state itself is in `presence`.
CREATE TABLE attendance.presence_feed (
  event_ref integer NOT NULL,
  to_version bigint NOT NULL,
  from_version bigint NOT NULL,
  participants integer[] NOT NULL,
  -- Only where earlier versions were dropped because newer ones of the same people exist.
  versions bigint[],
  PRIMARY KEY (event_ref, to_version)
);
-- Facts of a gate that the presence feed of an event surely contains at its head.
CREATE TABLE attendance.presence_covers (
  event_ref integer NOT NULL,
  gate_ref integer NOT NULL,
  epoch uuid NOT NULL,
  through bigint NOT NULL,
  PRIMARY KEY (event_ref, gate_ref)
) WITH (fillfactor = 50);
CREATE INDEX presence_covers_by_gate ON attendance.presence_covers (gate_ref);

-- Messages to other contexts, written with what they tell about. A relay takes them; at least once, in order per writer.
CREATE TABLE attendance.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL,
  org uuid,
  event uuid,
  payload jsonb NOT NULL
);

-- Raised inside the ingest statement when an epoch moved on meanwhile: the whole transaction goes.
CREATE FUNCTION attendance.must_be_fresh(held bigint, expected bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF held IS DISTINCT FROM expected THEN
    RAISE EXCEPTION 'an epoch moved on' USING ERRCODE = 'GH001';
  END IF;
  RETURN true;
END $$;

-- The id of a record, made from its origin key: the same fact has the same id for ever, and no column or index is spent on it.
-- UUID version 8: 32 bits epoch ref, 16 + 12 bits and 62 - 30 bits of seq and a fixed tail.
CREATE FUNCTION attendance.record_id(epoch_ref integer, seq bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex(epoch_ref), 8, '0') || '-' || lpad(to_hex((seq >> 36) & 65535), 4, '0') || '-8'
    || lpad(to_hex((seq >> 24) & 4095), 3, '0') || '-8000-000000' || lpad(to_hex(seq & 16777215), 6, '0'))::uuid
$$;
CREATE FUNCTION attendance.record_epoch(id uuid) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ('x' || substr(id::text, 1, 8))::bit(32)::integer
$$;
CREATE FUNCTION attendance.record_seq(id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (('x' || lpad(substr(id::text, 10, 4), 16, '0'))::bit(64)::bigint << 36)
    | (('x' || lpad(substr(id::text, 16, 3), 16, '0'))::bit(64)::bigint << 24)
    | ('x' || lpad(substr(id::text, 31, 6), 16, '0'))::bit(64)::bigint
$$;
CREATE FUNCTION attendance.flag_names(flags smallint) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_remove(ARRAY[
    CASE WHEN flags & 1 <> 0 THEN 'duplicate' END, CASE WHEN flags & 2 <> 0 THEN 'double-entry' END,
    CASE WHEN flags & 4 <> 0 THEN 'revoked-before' END, CASE WHEN flags & 8 <> 0 THEN 'unknown-participant' END,
    CASE WHEN flags & 16 <> 0 THEN 'outside-hours' END, CASE WHEN flags & 32 <> 0 THEN 'clock-untrusted' END,
    CASE WHEN flags & 64 <> 0 THEN 'offline' END, CASE WHEN flags & 128 <> 0 THEN 'override' END,
    CASE WHEN flags & 256 <> 0 THEN 'undone' END, CASE WHEN flags & 512 <> 0 THEN 'signed-unknown' END,
    CASE WHEN flags & 1024 <> 0 THEN 'event-not-assigned' END, CASE WHEN flags & 2048 <> 0 THEN 'future' END], NULL)
$$;

-- The facts in words, for the API and for people. To find one by id: WHERE epoch_ref = attendance.record_epoch($1) AND seq = attendance.record_seq($1).
CREATE VIEW attendance.records AS
  SELECT attendance.record_id(r.epoch_ref, r.seq) AS id, r.epoch_ref, ep.epoch, r.seq, e.id AS event, g.id AS gate, p.id AS participant,
    r.at, r.received_at, (ARRAY['ble_auto', 'qr_scan', 'manual'])[r.method + 1] AS method,
    (ARRAY['entry', 'exit'])[r.direction + 1] AS direction, (ARRAY['admit', 'deny', 'ask'])[r.outcome + 1] AS outcome,
    r.reason, r.rule, attendance.flag_names(r.flags) AS flags, r.flags AS flag_bits, r.took_us, replace(r.credential::text, '-', '') AS credential,
    r.details->>'lane' AS lane, r.details->>'staff' AS staff, r.details->'override' AS override,
    r.details->'location' AS location, r.details->'deviceInfo' AS device_info,
    replace(r.digest::text, '-', '') AS digest, ep.requests AS by_request
  FROM attendance.attendance_records r
    JOIN attendance.epochs ep ON ep.ref = r.epoch_ref
    JOIN events.events e ON e.ref = r.event_ref
    JOIN gates.gates g ON g.ref = r.gate_ref
    LEFT JOIN roster.participants p ON p.ref = r.participant_ref;

CREATE VIEW attendance.presence_now AS
  SELECT e.id AS event, p.id AS participant, s.inside, s.zone, s.entries, s.first_at, s.last_at, g.id AS last_gate,
    (ARRAY['entry', 'exit'])[s.last_direction + 1] AS last_direction,
    CASE WHEN s.day_entries > 0 THEN attendance.add_days(s.days, jsonb_build_object(attendance.day_name(s.day), s.day_entries)) ELSE s.days END AS days
  FROM attendance.presence s
    JOIN events.events e ON e.ref = s.event_ref
    JOIN roster.participants p ON p.ref = s.participant_ref
    JOIN gates.gates g ON g.ref = s.last_gate_ref;
