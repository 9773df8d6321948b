-- Connections, policies and issuers that are declared while the gateway runs, beside those of each gateway's own file.

-- document: as it was given, without name and credential. A credential is sealed, and bound to the connection's name and the origin of its
-- upstream; credential_key names the key that it is sealed under.
CREATE TABLE weir.declared_objects (
  kind              text        NOT NULL CHECK (kind IN ('connection', 'policy', 'issuer')),
  name              text        NOT NULL,
  document          jsonb       NOT NULL CHECK (jsonb_typeof(document) = 'object'),
  revision          bigint      NOT NULL,
  credential_header text,
  credential        bytea,
  credential_key    text,
  updated_at        timestamptz NOT NULL,
  by_issuer         text        NOT NULL,
  by_subject        text        NOT NULL,
  by_name           text        NOT NULL,
  PRIMARY KEY (kind, name),
  CHECK (num_nulls(credential_header, credential, credential_key) IN (0, 3)),
  CHECK (credential IS NULL OR kind = 'connection')
);

-- Every change of an object has a revision of its own, whoever makes it, so that nobody's change is overwritten unseen.
CREATE SEQUENCE weir.declared_object_revision OWNED BY weir.declared_objects.revision;
CREATE FUNCTION weir.object_declared() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.revision := nextval('weir.declared_object_revision');
  NEW.updated_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER object_declared BEFORE INSERT OR UPDATE ON weir.declared_objects FOR EACH ROW EXECUTE FUNCTION weir.object_declared();

CREATE FUNCTION weir.declared_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM weir.announce('declared');
  RETURN NULL;
END $$;
CREATE TRIGGER declared_changed AFTER INSERT OR UPDATE OR DELETE ON weir.declared_objects FOR EACH STATEMENT EXECUTE FUNCTION weir.declared_changed();

GRANT SELECT, INSERT, DELETE ON weir.declared_objects TO weir_access;
GRANT UPDATE (document, credential_header, credential, credential_key, by_issuer, by_subject, by_name) ON weir.declared_objects TO weir_access;
