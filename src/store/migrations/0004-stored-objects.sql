-- Objects that upstreams keep for callers (stored responses, files): whose they are. An id means nothing beyond its connection.

CREATE TABLE weir.stored_objects (
  connection text        NOT NULL,
  kind       text        NOT NULL,
  id         text        NOT NULL,
  issuer     text        NOT NULL,
  subject    text        NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (connection, kind, id)
);

GRANT SELECT, INSERT ON weir.stored_objects TO weir_access;
