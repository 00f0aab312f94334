/**
 * The ingest statement: everything that one micro-batch changes, in one round trip and one transaction. Presence is written first and
 * tells what was there before, so that flags and arrivals are exact whoever else writes; every table is written in key order, so that
 * two writers never wait for each other in a circle. If an epoch moved on meanwhile the whole statement fails with GH001.
 */
import { parameterCounter, type Shape } from './pg-columns.ts'
import { EPOCHS, EVENTS, FACTS, HOURS, LOG, MINUTES, PARKED, PEOPLE, REASONS } from './pg-rows.ts'

/** Adds every counter of an upsert: `count = t.count + excluded.count, …`. */
function adding(names: readonly string[]): string {
  return names.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')
}

function counters(shape: Shape, keys: readonly string[]): string[] {
  return Object.keys(shape).filter((name) => !keys.includes(name) && name !== 'last_at')
}

const NEWER = '(excluded.last_at, excluded.last_gate_ref) >= (p.last_at, p.last_gate_ref)'
const newest = (name: string) => `${name} = CASE WHEN ${NEWER} THEN excluded.${name} ELSE p.${name} END`
const TODAY = 'jsonb_build_object(attendance.day_name(excluded.day), excluded.day_entries)'
const BEFORE = 'jsonb_build_object(attendance.day_name(p.day), p.day_entries)'

/**
 * Parameters in this order: the columns of epochs, people, facts, log, parked, hours; writer, columns of minutes; writer,
 * columns of reasons; writer, columns of events; message (jsonb or null); received at, bytes, archive, parts (jsonb or null).
 */
export function ingestStatement(): string {
  const next = parameterCounter()
  const epochs = next.rows('e', EPOCHS)
  const changed = next.peek(PEOPLE, ['event_ref', 'participant_ref', 'last_gate_ref'])
  return `
WITH epochs_in AS MATERIALIZED (SELECT * FROM ${epochs}),
people AS MATERIALIZED (SELECT * FROM ${next.rows('p', PEOPLE)}),
facts AS (SELECT * FROM ${next.rows('f', FACTS)}),
moved AS (
  UPDATE attendance.epochs e SET revision = e.revision + 1, through = i.through, signed_to = i.signed_to,
    unsigned_since = i.unsigned_since, head = i.head, forked = i.forked, runs = i.runs::jsonb, last_at = now()
  FROM epochs_in i
  WHERE e.ref = ANY(ARRAY(SELECT epoch_ref FROM epochs_in)) AND e.ref = i.epoch_ref AND e.revision = i.revision
  RETURNING e.ref),
seen AS (
  INSERT INTO attendance.presence AS p (event_ref, participant_ref, entries, last_gate_ref, last_at, first_at, day, day_entries,
    inside, last_direction, zone, days)
  SELECT event_ref, participant_ref, entries, last_gate_ref, last_at, first_at, day, day_entries, last_direction = 0,
    last_direction, zone, days::jsonb
  FROM people
  ON CONFLICT (event_ref, participant_ref) DO UPDATE SET entries = p.entries + excluded.entries,
    was_inside = p.inside, prior_at = p.last_at, prior_gate_ref = p.last_gate_ref, first_at = least(p.first_at, excluded.first_at),
    ${['last_at', 'last_gate_ref', 'inside', 'last_direction', 'zone'].map(newest).join(', ')},
    day = greatest(p.day, excluded.day),
    day_entries = CASE WHEN excluded.day > p.day OR p.day IS NULL THEN excluded.day_entries
      WHEN excluded.day = p.day THEN p.day_entries + excluded.day_entries ELSE p.day_entries END,
    days = CASE WHEN (p.day = excluded.day OR p.day IS NULL OR excluded.day IS NULL) AND excluded.days IS NULL THEN p.days
      WHEN excluded.day > p.day THEN attendance.add_days(attendance.add_days(p.days, ${BEFORE}), excluded.days)
      WHEN excluded.day < p.day THEN attendance.add_days(attendance.add_days(p.days, ${TODAY}), excluded.days)
      ELSE attendance.add_days(p.days, excluded.days) END
  RETURNING event_ref, participant_ref, entries, inside, was_inside, prior_at),
stored AS (
  INSERT INTO attendance.attendance_records (at, received_at, seq, digest, credential, epoch_ref, event_ref, gate_ref, participant_ref,
    took_us, method, direction, outcome, flags, reason, rule, details)
  SELECT f.at, f.received_at, f.seq, f.digest, f.credential, f.epoch_ref, f.event_ref, f.gate_ref, f.participant_ref, f.took_us, f.method,
    f.direction, f.outcome, (f.flags & 4095
    | CASE WHEN s.prior_at >= f.since AND EXISTS (SELECT FROM attendance.attendance_records r
        WHERE r.participant_ref = f.participant_ref AND r.gate_ref = f.gate_ref AND r.at >= f.since AND r.at <= f.at
          AND r.outcome = 0 AND r.direction = f.direction AND r.flags & 256 = 0) THEN 1 ELSE 0 END
    | CASE WHEN f.flags < 16384 OR s.prior_at IS NULL THEN 0
        WHEN s.prior_at <= f.at THEN CASE WHEN s.was_inside THEN 2 ELSE 0 END
        WHEN (SELECT r.direction FROM attendance.attendance_records r WHERE r.participant_ref = f.participant_ref AND r.at < f.at
          AND r.outcome = 0 AND r.flags & 256 = 0 ORDER BY r.at DESC LIMIT 1) = 0 THEN 2
        WHEN (SELECT r.direction FROM attendance.attendance_records r WHERE r.participant_ref = f.participant_ref AND r.at >= f.at
          AND r.outcome = 0 AND r.flags & 256 = 0 ORDER BY r.at LIMIT 1) = 0 THEN 2 ELSE 0 END
    | CASE WHEN f.outcome = 0 AND (
        EXISTS (SELECT FROM roster.credentials c WHERE c.key = f.credential AND c.status = 'revoked' AND c.revoked_at <= f.at)
        OR EXISTS (SELECT FROM roster.participants a WHERE a.ref = f.participant_ref AND a.status <> 'active'
          AND a.status_changed_at <= f.at)) THEN 4 ELSE 0 END)::int2,
    f.reason, f.rule, f.details::jsonb
  FROM facts f LEFT JOIN seen s ON s.participant_ref = f.participant_ref AND s.event_ref = f.event_ref
  RETURNING event_ref, flags),
logged AS (
  INSERT INTO attendance.gate_log SELECT epoch_ref, seq, gate_ref, at, kind, digest, body::jsonb FROM ${next.rows('l', LOG)}),
parked AS (
  INSERT INTO attendance.parked_entries (epoch_ref, seq, reason, digest, raw)
  SELECT * FROM ${next.rows('k', PARKED)} ON CONFLICT (epoch_ref, seq, digest) DO NOTHING),
hours AS (
  INSERT INTO stats.attendance_hourly_stats AS t (${Object.keys(HOURS).join(', ')}) SELECT * FROM ${next.rows('h', HOURS)}
  ON CONFLICT (date, hour, gate_ref, event_ref) DO UPDATE SET ${adding(counters(HOURS, ['date', 'hour', 'gate_ref', 'event_ref']))},
    last_at = greatest(t.last_at, excluded.last_at)),
minutes AS (
  INSERT INTO stats.minutes AS t (${Object.keys(MINUTES).join(', ')}, writer)
  SELECT m.*, ${next.one('int2')} FROM ${next.rows('m', MINUTES)}
  ON CONFLICT (event_ref, minute, writer) DO UPDATE SET ${adding(counters(MINUTES, ['event_ref', 'minute']))}),
reasons AS (
  INSERT INTO stats.reasons AS t (${Object.keys(REASONS).join(', ')}, writer)
  SELECT r.*, ${next.one('int2')} FROM ${next.rows('r', REASONS)}
  ON CONFLICT (event_ref, outcome, reason, writer) DO UPDATE SET count = t.count + excluded.count),
arrivals AS (
  SELECT s.event_ref, sum((s.entries > 0)::int - (s.entries > p.entries)::int) AS attended,
    sum(s.inside::int - s.was_inside::int) AS inside
  FROM seen s JOIN people p USING (event_ref, participant_ref) GROUP BY s.event_ref),
oddities AS (
  SELECT event_ref, sum(flags & 1) AS duplicates, sum((flags & 2) / 2) AS double_entries, count(*) AS flagged
  FROM stored WHERE flags & 31 <> 0 GROUP BY event_ref),
events AS (
  INSERT INTO stats.events AS t (event_ref, writer, attended, inside, entries, exits, denied, asked, duplicates, double_entries, flagged,
    last_at)
  SELECT e.event_ref, ${next.one('int2')}, coalesce(a.attended, 0), coalesce(a.inside, 0), e.entries, e.exits, e.denied, e.asked,
    coalesce(o.duplicates, 0), coalesce(o.double_entries, 0), coalesce(o.flagged, 0), e.last_at
  FROM ${next.rows('e', EVENTS)} LEFT JOIN arrivals a USING (event_ref) LEFT JOIN oddities o USING (event_ref)
  ON CONFLICT (event_ref, writer) DO UPDATE SET ${adding([
    'attended',
    'inside',
    'entries',
    'exits',
    'denied',
    'asked',
    'duplicates',
    'double_entries',
    'flagged',
  ])}, last_at = greatest(t.last_at, excluded.last_at), updated_at = now()),
changed AS (
  INSERT INTO attendance.presence_pending (event_refs, participant_refs, gate_refs) SELECT ${changed.join(', ')}
  WHERE cardinality(${changed[0]}) > 0),
messages AS (
  INSERT INTO attendance.outbox (kind, payload) SELECT 'attendance.recorded', m FROM (VALUES (${next.one('jsonb')})) AS v (m) WHERE m IS NOT NULL),
archived AS (
  INSERT INTO attendance.raw_lines (received_at, epoch_refs, parts, bytes, codec, data)
  SELECT ${next.one('timestamptz')}, ARRAY(SELECT epoch_ref FROM epochs_in), p, ${next.one('int4')}, 'zstd', ${next.one('bytea')}
  FROM (VALUES (${next.one('jsonb')})) AS v (p) WHERE p IS NOT NULL)
SELECT attendance.must_be_fresh((SELECT count(*) FROM moved), (SELECT count(*) FROM epochs_in)) AS fresh,
  EXISTS (SELECT FROM attendance.undos_waiting) AS undos_waiting`
}
