-- Who may come in: the tokens that the gateway issued, who has been seen, what was taken away, and who changed any of it.

DO $$ BEGIN CREATE ROLE weir_access NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN GRANT weir_access TO CURRENT_USER; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;

-- Everybody who has shown a credential that held.
CREATE TABLE weir.identities (
  issuer        text        NOT NULL,
  subject       text        NOT NULL,
  kind          text        NOT NULL,
  name          text        NOT NULL,
  email         text,
  groups        text[]      NOT NULL,
  first_seen    timestamptz NOT NULL,
  last_seen     timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_name ON weir.identities (name);
CREATE INDEX identities_by_last_seen ON weir.identities (last_seen);

-- Opaque tokens, by their SHA-256 only. A NULL scope: whatever the holder's policies allow. lineage: what it was exchanged for, which it
-- never outlives.
CREATE TABLE weir.tokens (
  id          text        NOT NULL PRIMARY KEY,
  hash        bytea       NOT NULL UNIQUE CHECK (length(hash) = 32),
  lineage     text[]      NOT NULL,
  via         text        NOT NULL CHECK (via IN ('exchange', 'client_credentials')),
  kind        text        NOT NULL,
  issuer      text        NOT NULL,
  subject     text        NOT NULL,
  name        text        NOT NULL,
  email       text,
  groups      text[]      NOT NULL,
  connections text[],
  models      text[],
  operations  text[],
  -- Requests that it is still good for; NULL: any number.
  uses_left   integer     CHECK (uses_left >= 0),
  issued_at   timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL
);
CREATE INDEX tokens_by_identity ON weir.tokens (issuer, subject, expires_at);
CREATE INDEX tokens_by_end ON weir.tokens (expires_at);

-- Services and agents that cannot federate, beside those that the configuration declares.
CREATE TABLE weir.service_identities (
  name          text        NOT NULL PRIMARY KEY,
  kind          text        NOT NULL CHECK (kind IN ('service', 'agent', 'ci')),
  groups        text[]      NOT NULL,
  owner_issuer  text,
  owner_subject text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  CHECK ((owner_issuer IS NULL) = (owner_subject IS NULL))
);

-- Their API keys, by SHA-256 only.
CREATE TABLE weir.api_keys (
  id          text        NOT NULL PRIMARY KEY,
  hash        bytea       NOT NULL UNIQUE CHECK (length(hash) = 32),
  identity    text        NOT NULL REFERENCES weir.service_identities (name) ON DELETE CASCADE,
  connections text[],
  models      text[],
  operations  text[],
  created_at  timestamptz NOT NULL DEFAULT now(),
  -- NULL: does not end by itself.
  expires_at  timestamptz
);
CREATE INDEX api_keys_by_identity ON weir.api_keys (identity, created_at);

-- One row, raised with every change of the two tables above, so that replicas see when to read them again.
CREATE TABLE weir.key_revision (
  single   boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (single),
  revision bigint  NOT NULL
);
INSERT INTO weir.key_revision (revision) VALUES (1);
CREATE FUNCTION weir.keys_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE weir.key_revision SET revision = revision + 1;
  PERFORM pg_notify('weir_keys', '');
  RETURN NULL;
END $$;
CREATE TRIGGER keys_changed AFTER INSERT OR UPDATE OR DELETE ON weir.api_keys FOR EACH STATEMENT EXECUTE FUNCTION weir.keys_changed();
CREATE TRIGGER keys_changed AFTER INSERT OR UPDATE OR DELETE ON weir.service_identities FOR EACH STATEMENT EXECUTE FUNCTION weir.keys_changed();

-- What was taken away: a token or an API key {id}, an identity {issuer, subject}, an issuer {name}, or a connection {name}.
-- revision grows with every change, in the order in which changes become visible.
CREATE TABLE weir.revocations (
  id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision  bigint      NOT NULL UNIQUE,
  kind      text        NOT NULL CHECK (kind IN ('token', 'identity', 'issuer', 'connection')),
  object    text[]      NOT NULL CHECK (cardinality(object) = CASE kind WHEN 'identity' THEN 2 ELSE 1 END),
  reason    text        NOT NULL,
  by_issuer text        NOT NULL,
  by_subject text       NOT NULL,
  at        timestamptz NOT NULL DEFAULT now(),
  -- A token's own end: afterwards nobody need know of it. NULL: for good.
  until     timestamptz,
  lifted_at timestamptz
);
CREATE UNIQUE INDEX revocations_in_force ON weir.revocations (kind, object) WHERE lifted_at IS NULL;
CREATE SEQUENCE weir.revocation_revision OWNED BY weir.revocations.revision;

-- Changes come one after the other, so that whoever has seen a revision has seen all before it.
CREATE FUNCTION weir.revoke(a_kind text, an_object text[], a_reason text, an_issuer text, a_subject text, an_end timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.revocations', 0));
  SELECT id INTO known FROM weir.revocations WHERE kind = a_kind AND object = an_object AND lifted_at IS NULL;
  IF known IS NOT NULL THEN RETURN known; END IF;
  INSERT INTO weir.revocations (revision, kind, object, reason, by_issuer, by_subject, until)
    VALUES (nextval('weir.revocation_revision'), a_kind, an_object, a_reason, an_issuer, a_subject, an_end) RETURNING id INTO known;
  PERFORM pg_notify('weir_revocations', '');
  RETURN known;
END $$;

CREATE FUNCTION weir.lift_revocation(a_kind text, an_object text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.revocations', 0));
  UPDATE weir.revocations SET lifted_at = now(), revision = nextval('weir.revocation_revision')
    WHERE kind = a_kind AND object = an_object AND lifted_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM pg_notify('weir_revocations', '');
  RETURN true;
END $$;

-- What people changed: only ever added to.
CREATE TABLE weir.audit_events (
  id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      timestamptz NOT NULL DEFAULT now(),
  issuer  text        NOT NULL,
  subject text        NOT NULL,
  name    text        NOT NULL,
  action  text        NOT NULL,
  object  text        NOT NULL,
  details jsonb       NOT NULL
);
CREATE INDEX audit_events_by_object ON weir.audit_events (object, at);

REVOKE ALL ON FUNCTION weir.revoke(text, text[], text, text, text, timestamptz), weir.lift_revocation(text, text[]) FROM PUBLIC;
GRANT USAGE ON SCHEMA weir TO weir_access;
GRANT SELECT, INSERT ON weir.identities, weir.tokens TO weir_access;
GRANT UPDATE (kind, name, email, groups, last_seen) ON weir.identities TO weir_access;
GRANT UPDATE (uses_left) ON weir.tokens TO weir_access;
GRANT DELETE ON weir.tokens TO weir_access;
GRANT SELECT ON weir.revocations, weir.key_revision TO weir_access;
GRANT EXECUTE ON FUNCTION weir.revoke(text, text[], text, text, text, timestamptz), weir.lift_revocation(text, text[]) TO weir_access;
GRANT INSERT, SELECT ON weir.audit_events TO weir_access;
GRANT SELECT, INSERT, DELETE ON weir.service_identities, weir.api_keys TO weir_access;
GRANT UPDATE (kind, groups, owner_issuer, owner_subject) ON weir.service_identities TO weir_access;
GRANT UPDATE (expires_at) ON weir.api_keys TO weir_access;
