-- Who may come in: the tokens that the gateway issued, who has been seen, what was taken away, and who changed any of it.

DO $$ BEGIN CREATE ROLE weir_access NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN GRANT weir_access TO CURRENT_USER; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;

-- Everybody who has shown a credential that held, and whom an administrator has said something about.
CREATE TABLE weir.identities (
  issuer        text        NOT NULL,
  subject       text        NOT NULL,
  kind          text        NOT NULL,
  name          text        NOT NULL,
  email         text,
  groups        text[]      NOT NULL,
  -- The owner of a service or agent: may not approve its requests.
  owner_issuer  text,
  owner_subject text,
  first_seen    timestamptz NOT NULL,
  last_seen     timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_name ON weir.identities (name);

-- Opaque tokens, by their SHA-256 only. A NULL scope: whatever the holder's policies allow. parent: the token it was exchanged for, which it never outlives.
CREATE TABLE weir.tokens (
  id          text        NOT NULL PRIMARY KEY,
  hash        bytea       NOT NULL UNIQUE CHECK (length(hash) = 32),
  parent      text,
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

-- What was taken away: a token {id}, an identity {issuer, subject}, an issuer {name}, or a connection {name}.
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
GRANT SELECT ON weir.revocations TO weir_access;
GRANT EXECUTE ON FUNCTION weir.revoke(text, text[], text, text, text, timestamptz), weir.lift_revocation(text, text[]) TO weir_access;
GRANT INSERT, SELECT ON weir.audit_events TO weir_access;
