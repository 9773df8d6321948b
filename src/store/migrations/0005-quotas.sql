-- What has been used of limits, by key (the policy, and whom or what it counts) and window. Replicas take their shares in pieces, so that a request costs no
-- write of its own; what is not used comes back.

CREATE TABLE weir.quotas (
  key          text        NOT NULL,
  window_start timestamptz NOT NULL,
  used         bigint      NOT NULL CHECK (used >= 0),
  PRIMARY KEY (key, window_start)
);
CREATE INDEX quotas_by_window ON weir.quotas (window_start);

-- Takes as much of `want` as the limit leaves, and returns it.
CREATE FUNCTION weir.lease_quota(a_key text, a_window timestamptz, want bigint, a_limit bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before bigint;
  granted bigint;
BEGIN
  INSERT INTO weir.quotas (key, window_start, used) VALUES (a_key, a_window, 0) ON CONFLICT DO NOTHING;
  SELECT used INTO before FROM weir.quotas WHERE key = a_key AND window_start = a_window FOR UPDATE;
  granted := GREATEST(0, LEAST(want, a_limit - before));
  IF granted > 0 THEN UPDATE weir.quotas SET used = used + granted WHERE key = a_key AND window_start = a_window; END IF;
  RETURN granted;
END $$;

-- Gives back what was not used; a negative amount takes what was used beyond what had been taken.
CREATE FUNCTION weir.return_quota(a_key text, a_window timestamptz, amount bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE weir.quotas SET used = GREATEST(0, used - amount) WHERE key = a_key AND window_start = a_window
$$;

CREATE FUNCTION weir.forget_quotas(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM weir.quotas WHERE window_start < before
$$;

REVOKE ALL ON FUNCTION weir.lease_quota(text, timestamptz, bigint, bigint), weir.return_quota(text, timestamptz, bigint), weir.forget_quotas(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.lease_quota(text, timestamptz, bigint, bigint), weir.return_quota(text, timestamptz, bigint), weir.forget_quotas(timestamptz) TO weir_access;
