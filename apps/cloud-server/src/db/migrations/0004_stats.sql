-- Counters kept current by the ingest statement itself, from the facts it truly inserted: always equal to a recount.
-- Rows that writers would fight over are split by `writer`; the views add them up. Instants are cut in UTC.
-- "count" is check-ins: admitted entries that were not undone. took_us adds the time from reading to decision.
CREATE SCHEMA stats;

CREATE TABLE stats.attendance_hourly_stats (
  date date NOT NULL,
  hour smallint NOT NULL,
  gate_ref integer NOT NULL,
  event_ref integer NOT NULL,
  count integer NOT NULL DEFAULT 0,
  ble_auto integer NOT NULL DEFAULT 0,
  qr_scan integer NOT NULL DEFAULT 0,
  manual integer NOT NULL DEFAULT 0,
  exits integer NOT NULL DEFAULT 0,
  denied integer NOT NULL DEFAULT 0,
  asked integer NOT NULL DEFAULT 0,
  took_us bigint NOT NULL DEFAULT 0,
  took_count integer NOT NULL DEFAULT 0,
  last_at timestamptz,
  PRIMARY KEY (date, hour, gate_ref, event_ref)
) WITH (fillfactor = 50);
CREATE INDEX hourly_by_event ON stats.attendance_hourly_stats (event_ref, date, hour);

CREATE TABLE stats.minutes (
  event_ref integer NOT NULL,
  minute timestamptz NOT NULL,
  writer smallint NOT NULL,
  entries integer NOT NULL DEFAULT 0,
  exits integer NOT NULL DEFAULT 0,
  denied integer NOT NULL DEFAULT 0,
  asked integer NOT NULL DEFAULT 0,
  PRIMARY KEY (event_ref, minute, writer)
) WITH (fillfactor = 50);

-- A gate has a few dozen hours at an event: adding them up when somebody looks costs less than keeping their sum with every commit.
CREATE VIEW stats.gates AS
  SELECT gate_ref, event_ref, sum(count)::int AS count, sum(ble_auto)::int AS ble_auto, sum(qr_scan)::int AS qr_scan, sum(manual)::int AS manual,
    sum(exits)::int AS exits, sum(denied)::int AS denied, sum(asked)::int AS asked, sum(took_us)::bigint AS took_us,
    sum(took_count)::int AS took_count, max(last_at) AS last_at
  FROM stats.attendance_hourly_stats GROUP BY gate_ref, event_ref;

CREATE TABLE stats.events (
  event_ref integer NOT NULL,
  writer smallint NOT NULL,
  -- Unique people who came in, and people inside now.
  attended integer NOT NULL DEFAULT 0,
  inside integer NOT NULL DEFAULT 0,
  entries integer NOT NULL DEFAULT 0,
  exits integer NOT NULL DEFAULT 0,
  denied integer NOT NULL DEFAULT 0,
  asked integer NOT NULL DEFAULT 0,
  duplicates integer NOT NULL DEFAULT 0,
  double_entries integer NOT NULL DEFAULT 0,
  flagged integer NOT NULL DEFAULT 0,
  last_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_ref, writer)
) WITH (fillfactor = 30);

-- Denials and questions to staff, by reason.
CREATE TABLE stats.reasons (
  event_ref integer NOT NULL,
  outcome smallint NOT NULL,
  reason text NOT NULL,
  writer smallint NOT NULL,
  count integer NOT NULL DEFAULT 0,
  PRIMARY KEY (event_ref, outcome, reason, writer)
) WITH (fillfactor = 40);

CREATE VIEW stats.hourly AS
  SELECT h.date, h.hour, g.id AS gate, e.id AS event, h.count,
    jsonb_build_object('ble_auto', h.ble_auto, 'qr_scan', h.qr_scan, 'manual', h.manual) AS method_breakdown,
    h.exits, h.denied, h.asked, CASE WHEN h.took_count > 0 THEN round(h.took_us / 1000.0 / h.took_count, 3) END AS average_processing_ms
  FROM stats.attendance_hourly_stats h JOIN gates.gates g ON g.ref = h.gate_ref JOIN events.events e ON e.ref = h.event_ref;

CREATE VIEW stats.by_minute AS
  SELECT e.id AS event, m.minute, sum(m.entries)::int AS entries, sum(m.exits)::int AS exits, sum(m.denied)::int AS denied, sum(m.asked)::int AS asked
  FROM stats.minutes m JOIN events.events e ON e.ref = m.event_ref GROUP BY e.id, m.minute;

CREATE VIEW stats.by_gate AS
  SELECT g.id AS gate, e.id AS event, s.count, s.ble_auto, s.qr_scan, s.manual, s.exits, s.denied, s.asked, s.last_at,
    CASE WHEN s.took_count > 0 THEN round(s.took_us / 1000.0 / s.took_count, 3) END AS average_processing_ms
  FROM stats.gates s JOIN gates.gates g ON g.ref = s.gate_ref JOIN events.events e ON e.ref = s.event_ref;

CREATE VIEW stats.by_event AS
  SELECT e.id AS event, sum(s.attended)::int AS attended, sum(s.inside)::int AS inside, sum(s.entries)::int AS entries, sum(s.exits)::int AS exits,
    sum(s.denied)::int AS denied, sum(s.asked)::int AS asked, sum(s.duplicates)::int AS duplicates, sum(s.double_entries)::int AS double_entries,
    sum(s.flagged)::int AS flagged, max(s.last_at) AS last_at, max(s.updated_at) AS updated_at
  FROM stats.events s JOIN events.events e ON e.ref = s.event_ref GROUP BY e.id;

CREATE VIEW stats.by_reason AS
  SELECT e.id AS event, (ARRAY['admit', 'deny', 'ask'])[r.outcome + 1] AS outcome, r.reason, sum(r.count)::int AS count
  FROM stats.reasons r JOIN events.events e ON e.ref = r.event_ref GROUP BY e.id, r.outcome, r.reason;
