-- The record (ARCHITECTURE.md 1.7): what the data path writes, it only ever adds.

-- Roles belong to the whole server, so another database of it may have made them already.
DO $$ BEGIN CREATE ROLE weir_writer NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE weir_reader NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
-- Without the right to grant, somebody else must have granted them: SET ROLE says so if not.
DO $$ BEGIN GRANT weir_writer, weir_reader TO CURRENT_USER; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;

-- Keys that seal recorded texts, themselves sealed by the gateway's encryptionKey, which master_key names.
CREATE TABLE weir.data_keys (
  id         text        NOT NULL PRIMARY KEY,
  master_key text        NOT NULL,
  sealed     bytea       NOT NULL,
  created_at timestamptz NOT NULL
);

-- The events of sessions, byte for byte as they were hashed: hash = SHA-256(hash of the event before ‖ header ‖ body). Everything else below
-- is read off the headers. started_at is the session's start, so that a session lies in one partition.
CREATE TABLE weir.session_events (
  started_at timestamptz NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  seq        integer     NOT NULL CHECK (seq >= 0),
  hash       bytea       NOT NULL CHECK (length(hash) = 32),
  header     bytea       NOT NULL,
  body       bytea       NOT NULL,
  PRIMARY KEY (started_at, session_id, seq)
) PARTITION BY RANGE (started_at);
-- Sealed texts do not compress: trying costs time.
ALTER TABLE weir.session_events ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE weir.sessions (
  started_at     timestamptz NOT NULL,
  session_id     text COLLATE "C" NOT NULL,
  surface        text        NOT NULL,
  operation      text        NOT NULL,
  remote_address text        NOT NULL,
  principal_kind text,
  issuer         text,
  subject        text,
  principal_name text,
  connection     text,
  model          text,
  effect         text,
  rules          text[],
  keep_until     timestamptz NOT NULL,
  PRIMARY KEY (started_at, session_id)
) PARTITION BY RANGE (started_at);
CREATE INDEX sessions_by_principal ON weir.sessions (principal_name, started_at);
CREATE INDEX sessions_by_connection ON weir.sessions (connection, started_at);

CREATE TABLE weir.session_ends (
  started_at    timestamptz NOT NULL,
  session_id    text COLLATE "C" NOT NULL,
  ended_at      timestamptz NOT NULL,
  outcome       text        NOT NULL,
  reason        text,
  status        integer,
  input_tokens  bigint,
  output_tokens bigint,
  PRIMARY KEY (started_at, session_id)
) PARTITION BY RANGE (started_at);

-- Who read recorded texts.
CREATE TABLE weir.session_readings (
  read_at        timestamptz NOT NULL DEFAULT now(),
  session_id     text COLLATE "C" NOT NULL,
  issuer         text        NOT NULL,
  subject        text        NOT NULL,
  principal_name text        NOT NULL,
  purpose        text        NOT NULL
);
CREATE INDEX session_readings_by_session ON weir.session_readings (session_id, read_at);

-- Makes the partitions of one day (UTC). The writer calls it, the owner's rights apply. CREATE and ATTACH instead of PARTITION OF: the latter
-- would lock the whole table against writers.
CREATE FUNCTION weir.open_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parent text;
  child  text;
BEGIN
  IF to_regclass('weir.session_ends_' || to_char(day, 'YYYYMMDD')) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.open_day', 0));
  FOREACH parent IN ARRAY ARRAY['sessions', 'session_events', 'session_ends'] LOOP
    child := parent || '_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('weir.' || child) IS NOT NULL;
    EXECUTE format('CREATE TABLE weir.%I (LIKE weir.%I INCLUDING ALL)', child, parent);
    EXECUTE format('ALTER TABLE weir.%I ATTACH PARTITION weir.%I FOR VALUES FROM (%L) TO (%L)', parent, child,
      day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
  END LOOP;
END $$;

-- Forgets what need not be kept any longer: days of which nothing is left to keep are dropped, from mixed days the expired sessions go.
-- Returns the days dropped. Today and yesterday stay, for journals that are still on their way.
CREATE FUNCTION weir.retain(moment timestamptz DEFAULT now()) RETURNS SETOF date
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  suffix text;
  oldest timestamptz;
  latest timestamptz;
BEGIN
  FOR suffix IN
    SELECT right(child.relname, 8) FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
    WHERE inhparent = 'weir.sessions'::regclass AND right(child.relname, 8) < to_char(moment AT TIME ZONE 'UTC' - interval '1 day', 'YYYYMMDD')
    ORDER BY 1
  LOOP
    EXECUTE format('SELECT min(keep_until), max(keep_until) FROM weir.%I', 'sessions_' || suffix) INTO oldest, latest;
    IF latest IS NULL OR latest <= moment THEN
      EXECUTE format('DROP TABLE weir.%I, weir.%I, weir.%I', 'session_events_' || suffix, 'session_ends_' || suffix, 'sessions_' || suffix);
      RETURN NEXT to_date(suffix, 'YYYYMMDD');
    ELSIF oldest <= moment THEN
      EXECUTE format('DELETE FROM weir.%I e USING weir.%I s WHERE (e.started_at, e.session_id) = (s.started_at, s.session_id) AND s.keep_until <= $1',
        'session_events_' || suffix, 'sessions_' || suffix) USING moment;
      EXECUTE format('DELETE FROM weir.%I e USING weir.%I s WHERE (e.started_at, e.session_id) = (s.started_at, s.session_id) AND s.keep_until <= $1',
        'session_ends_' || suffix, 'sessions_' || suffix) USING moment;
      EXECUTE format('DELETE FROM weir.%I WHERE keep_until <= $1', 'sessions_' || suffix) USING moment;
    END IF;
  END LOOP;
END $$;

REVOKE ALL ON FUNCTION weir.open_day(date), weir.retain(timestamptz) FROM PUBLIC;
GRANT USAGE ON SCHEMA weir TO weir_writer, weir_reader;
GRANT INSERT ON weir.data_keys, weir.session_events, weir.sessions, weir.session_ends TO weir_writer;
GRANT EXECUTE ON FUNCTION weir.open_day(date) TO weir_writer;
GRANT SELECT ON weir.data_keys, weir.session_events, weir.sessions, weir.session_ends, weir.session_readings TO weir_reader;
GRANT INSERT ON weir.session_readings TO weir_reader;
