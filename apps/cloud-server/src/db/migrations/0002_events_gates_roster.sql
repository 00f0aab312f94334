-- What the organizer wants: events, gates, participants and their credentials, and the roster feed made of them.
-- Every table that facts point to has `ref`, a narrow integer used inside the database; the UUID is used at its wall.
CREATE SCHEMA events;

CREATE TABLE events.events (
  id uuid PRIMARY KEY,
  ref integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  org uuid NOT NULL REFERENCES auth.orgs,
  name text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC',
  starts_at timestamptz,
  ends_at timestamptz,
  grace_sec integer NOT NULL DEFAULT 3600,
  duplicate_window_sec integer NOT NULL DEFAULT 300,
  repeat_window_sec integer NOT NULL DEFAULT 10,
  capacity integer,
  zones jsonb NOT NULL DEFAULT '[]',
  policies jsonb NOT NULL DEFAULT '{}',
  ticket_types jsonb NOT NULL DEFAULT '{}',
  -- Names travel to the gates only when the organizer says so.
  show_names boolean NOT NULL DEFAULT false,
  pepper bytea NOT NULL CHECK (length(pepper) BETWEEN 16 AND 64),
  badge_key bytea NOT NULL CHECK (length(badge_key) BETWEEN 16 AND 64),
  -- Public halves as the gates get them: [{"id", "publicKey", "notAfter"?}]. Private halves are files of the authority.
  ticket_keys jsonb NOT NULL DEFAULT '[]',
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_by_org ON events.events (org, created_at);

CREATE SCHEMA gates;

CREATE TABLE gates.gates (
  id uuid PRIMARY KEY,
  ref integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  org uuid NOT NULL REFERENCES auth.orgs,
  event uuid REFERENCES events.events,
  name text NOT NULL,
  zone text,
  lane text NOT NULL DEFAULT '1',
  direction text NOT NULL DEFAULT 'entry' CHECK (direction IN ('entry', 'exit', 'both')),
  capacity_per_minute integer NOT NULL DEFAULT 30 CHECK (capacity_per_minute > 0),
  -- What this gate admits: {"ticketTypes"?, "condition"?, "elsewhere"?}.
  rule jsonb NOT NULL DEFAULT '{}',
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
  -- Raw Ed25519 public key of the journal.
  signing_key bytea,
  cert_serial text,
  cert_not_after timestamptz,
  revoked_at timestamptz,
  -- Kept by the broker: connected or not, and the last status message as it came.
  online boolean NOT NULL DEFAULT false,
  online_changed_at timestamptz,
  last_seen_at timestamptz,
  last_status jsonb,
  last_reported jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX gates_by_event ON gates.gates (event);
CREATE INDEX gates_by_org ON gates.gates (org);

CREATE SCHEMA roster;

CREATE TABLE roster.participants (
  id uuid PRIMARY KEY,
  ref integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  event uuid NOT NULL REFERENCES events.events,
  external_id text,
  name text,
  email text,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'cancelled', 'blocked')),
  -- When the status last left or came back to 'active': facts after it are flagged.
  status_changed_at timestamptz,
  ticket_type text NOT NULL DEFAULT 'standard',
  zones text[] NOT NULL DEFAULT '{}',
  valid_from timestamptz,
  valid_until timestamptz,
  entry_policy text NOT NULL DEFAULT 're-entry' CHECK (entry_policy IN ('once', 're-entry', 'unlimited')),
  max_entries integer,
  attention text,
  -- Registered, but something is still owed.
  hold text CHECK (hold IN ('not-paid', 'not-approved')),
  -- What the person shows in letters and digits (the ticket id); unique among the active.
  token text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX participants_external ON roster.participants (event, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX participants_token_active ON roster.participants (token) WHERE status = 'active' AND token IS NOT NULL;
CREATE INDEX participants_by_event ON roster.participants (event, id);
CREATE INDEX participants_text ON roster.participants
  USING gin (to_tsvector('simple', coalesce(name, '') || ' ' || coalesce(email, '')));
CREATE INDEX participants_letters ON roster.participants
  USING gin ((coalesce(name, '') || ' ' || coalesce(email, '')) gin_trgm_ops);
CREATE INDEX participants_not_active ON roster.participants (ref) WHERE status <> 'active';

CREATE TABLE roster.credentials (
  id uuid PRIMARY KEY,
  participant uuid NOT NULL REFERENCES roster.participants ON DELETE CASCADE,
  event uuid NOT NULL REFERENCES events.events,
  kind text NOT NULL CHECK (kind IN ('qr', 'badge')),
  -- For printing again: canonical credential, and the ticket text of a QR ticket.
  canonical text NOT NULL,
  ticket text,
  badge_number integer,
  -- Pseudonym (32 hex digits), kept in PostgreSQL's 128-bit type.
  key uuid NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'revoked')),
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (event, key)
);
CREATE INDEX credentials_by_participant ON roster.credentials (participant);
CREATE INDEX credentials_revoked ON roster.credentials (key) WHERE status = 'revoked';

-- The roster as the gates have it: the latest line of every row, numbered. Only the downlink writes here.
CREATE TABLE roster.feed (
  event uuid NOT NULL,
  kind text NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  bucket smallint NOT NULL,
  removed boolean NOT NULL DEFAULT false,
  row_hash bytea,
  line text NOT NULL,
  PRIMARY KEY (event, kind, id)
);
CREATE INDEX feed_by_version ON roster.feed (event, version);
CREATE INDEX feed_by_bucket ON roster.feed (event, bucket) WHERE NOT removed;

-- What changed and has no number yet. Appended by triggers below, in the transaction of the change; taken by the downlink.
-- urgency 0: somebody's right changed (revocation, status, rules); 1: everything else.
CREATE TABLE roster.pending (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event uuid NOT NULL,
  kind text NOT NULL,
  of uuid NOT NULL,
  urgency smallint NOT NULL
);
CREATE INDEX pending_by_event ON roster.pending (event, urgency, id);
CREATE INDEX pending_by_row ON roster.pending (event, of);

-- One row per event and feed; its lock orders the numbering.
CREATE TABLE roster.heads (
  event uuid NOT NULL,
  feed text NOT NULL,
  head bigint NOT NULL DEFAULT 0,
  horizon bigint NOT NULL DEFAULT 0,
  root text,
  -- 256 sums of 16 bytes, big-endian.
  buckets bytea,
  PRIMARY KEY (event, feed)
);

CREATE FUNCTION roster.note_participants_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO roster.pending (event, kind, of, urgency) SELECT event, 'participant', id, 1 FROM new_rows;
  RETURN NULL;
END $$;
CREATE FUNCTION roster.note_participants_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO roster.pending (event, kind, of, urgency)
    SELECT n.event, 'participant', n.id, (CASE WHEN n.status IS DISTINCT FROM o.status OR n.zones IS DISTINCT FROM o.zones
      OR n.valid_until IS DISTINCT FROM o.valid_until THEN 0 ELSE 1 END)
    FROM new_rows n JOIN old_rows o USING (id);
  RETURN NULL;
END $$;
CREATE FUNCTION roster.note_participants_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO roster.pending (event, kind, of, urgency) SELECT event, 'participant', id, 0 FROM old_rows;
  RETURN NULL;
END $$;
CREATE TRIGGER participants_new AFTER INSERT ON roster.participants
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION roster.note_participants_new();
CREATE TRIGGER participants_changed AFTER UPDATE ON roster.participants
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION roster.note_participants_changed();
CREATE TRIGGER participants_gone AFTER DELETE ON roster.participants
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION roster.note_participants_gone();

CREATE FUNCTION roster.note_credentials() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO roster.pending (event, kind, of, urgency)
    SELECT DISTINCT event, 'participant', participant, (CASE WHEN TG_OP = 'INSERT' THEN 1 ELSE 0 END) FROM changed_rows;
  RETURN NULL;
END $$;
-- The rules line tells the gates which badge numbers to listen for.
CREATE FUNCTION roster.note_badges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO roster.pending (event, kind, of, urgency)
    SELECT DISTINCT event, 'rules', event, 1 FROM changed_rows WHERE badge_number IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER badges_new AFTER INSERT ON roster.credentials
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION roster.note_badges();
CREATE TRIGGER credentials_new AFTER INSERT ON roster.credentials
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION roster.note_credentials();
CREATE TRIGGER credentials_changed AFTER UPDATE ON roster.credentials
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION roster.note_credentials();
CREATE TRIGGER credentials_gone AFTER DELETE ON roster.credentials
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION roster.note_credentials();

CREATE FUNCTION roster.note_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO roster.pending (event, kind, of, urgency) VALUES (NEW.id, 'rules', NEW.id, 0);
  RETURN NULL;
END $$;
CREATE TRIGGER event_rules AFTER INSERT OR UPDATE ON events.events FOR EACH ROW EXECUTE FUNCTION roster.note_event();

-- The broker writes a gate's online state often: only what the rules line shows makes a change.
CREATE FUNCTION roster.note_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.event, OLD.name, OLD.zone, OLD.rule, OLD.status)
      IS NOT DISTINCT FROM (NEW.event, NEW.name, NEW.zone, NEW.rule, NEW.status) THEN RETURN NULL; END IF;
  IF TG_OP <> 'DELETE' AND NEW.event IS NOT NULL THEN
    INSERT INTO roster.pending (event, kind, of, urgency) VALUES (NEW.event, 'rules', NEW.event, 0);
  END IF;
  IF TG_OP <> 'INSERT' AND OLD.event IS NOT NULL AND (TG_OP = 'DELETE' OR OLD.event IS DISTINCT FROM NEW.event) THEN
    INSERT INTO roster.pending (event, kind, of, urgency) VALUES (OLD.event, 'rules', OLD.event, 0);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER gate_rules AFTER INSERT OR DELETE OR UPDATE OF event, name, zone, rule, status ON gates.gates
  FOR EACH ROW EXECUTE FUNCTION roster.note_gate();

-- When somebody's status or a credential is taken away, the instant is kept: facts after it are flagged.
CREATE FUNCTION roster.stamp_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  IF NEW.status IS DISTINCT FROM OLD.status THEN NEW.status_changed_at := now(); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER participants_stamp BEFORE UPDATE ON roster.participants FOR EACH ROW EXECUTE FUNCTION roster.stamp_status();
CREATE FUNCTION roster.stamp_revocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'revoked' AND OLD.status <> 'revoked' AND NEW.revoked_at IS NULL THEN NEW.revoked_at := now(); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER credentials_stamp BEFORE UPDATE ON roster.credentials FOR EACH ROW EXECUTE FUNCTION roster.stamp_revocation();
