-- One counter for each kind of thing that every replica follows: what has changed anywhere is one short read.

CREATE TABLE weir.changes (
  channel  text   NOT NULL PRIMARY KEY,
  revision bigint NOT NULL
);
INSERT INTO weir.changes (channel, revision) SELECT 'keys', revision + 1 FROM weir.key_revision;

-- Called in the transaction of a change: the row's lock makes the changes of a channel visible one after the other, each with its number.
CREATE FUNCTION weir.announce(a_channel text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO weir.changes AS c (channel, revision) VALUES (a_channel, 1) ON CONFLICT (channel) DO UPDATE SET revision = c.revision + 1;
  PERFORM pg_notify('weir_changes', a_channel);
END $$;

CREATE OR REPLACE FUNCTION weir.keys_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM weir.announce('keys');
  RETURN NULL;
END $$;
DROP TABLE weir.key_revision;

CREATE OR REPLACE FUNCTION weir.revoke(a_kind text, an_object text[], a_reason text, an_issuer text, a_subject text, an_end timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.revocations', 0));
  SELECT id INTO known FROM weir.revocations WHERE kind = a_kind AND object = an_object AND lifted_at IS NULL;
  IF known IS NOT NULL THEN RETURN known; END IF;
  INSERT INTO weir.revocations (revision, kind, object, reason, by_issuer, by_subject, until)
    VALUES (nextval('weir.revocation_revision'), a_kind, an_object, a_reason, an_issuer, a_subject, an_end) RETURNING id INTO known;
  PERFORM weir.announce('revocations');
  RETURN known;
END $$;

CREATE OR REPLACE FUNCTION weir.lift_revocation(a_kind text, an_object text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.revocations', 0));
  UPDATE weir.revocations SET lifted_at = now(), revision = nextval('weir.revocation_revision')
    WHERE kind = a_kind AND object = an_object AND lifted_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM weir.announce('revocations');
  RETURN true;
END $$;

REVOKE ALL ON FUNCTION weir.announce(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.announce(text) TO weir_access;
GRANT SELECT ON weir.changes TO weir_access;
