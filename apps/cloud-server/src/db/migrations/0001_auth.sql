-- Who may do what: organizations, their keys, and short-lived tokens (logins, live tickets, sessions).
-- Nothing here holds a secret: keys and tokens are stored as SHA-256.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA auth;

CREATE TABLE auth.orgs (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.api_keys (
  id uuid PRIMARY KEY,
  org uuid NOT NULL REFERENCES auth.orgs,
  name text NOT NULL,
  prefix text NOT NULL,
  hash bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

CREATE TABLE auth.tokens (
  hash bytea PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('login', 'live', 'session')),
  org uuid NOT NULL REFERENCES auth.orgs,
  event uuid,
  name text NOT NULL DEFAULT '',
  scopes text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX tokens_expiry ON auth.tokens (expires_at);

-- The answer already given to a request that carried an Idempotency-Key.
CREATE TABLE auth.idempotency (
  org uuid NOT NULL REFERENCES auth.orgs,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  status integer,
  body jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (org, key)
);
CREATE INDEX idempotency_expiry ON auth.idempotency (expires_at);
