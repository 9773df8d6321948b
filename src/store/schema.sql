-- What the migrations make: written by test/postgres/migrate.test.ts, never edited.

CREATE TABLE weir.data_keys (
  id text NOT NULL,
  master_key text NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamp with time zone NOT NULL
);

CREATE TABLE weir.migrations (
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now()
);

CREATE TABLE weir.session_ends (
  started_at timestamp with time zone NOT NULL,
  session_id text NOT NULL,
  ended_at timestamp with time zone NOT NULL,
  outcome text NOT NULL,
  reason text,
  status integer,
  input_tokens bigint,
  output_tokens bigint
) PARTITION BY RANGE (started_at);

CREATE TABLE weir.session_events (
  started_at timestamp with time zone NOT NULL,
  session_id text NOT NULL,
  seq integer NOT NULL,
  hash bytea NOT NULL,
  header bytea NOT NULL,
  body bytea NOT NULL
) PARTITION BY RANGE (started_at);

CREATE TABLE weir.session_readings (
  read_at timestamp with time zone NOT NULL DEFAULT now(),
  session_id text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  principal_name text NOT NULL,
  purpose text NOT NULL
);

CREATE TABLE weir.sessions (
  started_at timestamp with time zone NOT NULL,
  session_id text NOT NULL,
  surface text NOT NULL,
  operation text NOT NULL,
  remote_address text NOT NULL,
  principal_kind text,
  issuer text,
  subject text,
  principal_name text,
  connection text,
  model text,
  effect text,
  rules text[],
  keep_until timestamp with time zone NOT NULL
) PARTITION BY RANGE (started_at);

ALTER TABLE data_keys ADD CONSTRAINT data_keys_pkey PRIMARY KEY (id);

ALTER TABLE migrations ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);

ALTER TABLE session_ends ADD CONSTRAINT session_ends_pkey PRIMARY KEY (started_at, session_id);

ALTER TABLE session_events ADD CONSTRAINT session_events_hash_check CHECK ((length(hash) = 32));

ALTER TABLE session_events ADD CONSTRAINT session_events_pkey PRIMARY KEY (started_at, session_id, seq);

ALTER TABLE session_events ADD CONSTRAINT session_events_seq_check CHECK ((seq >= 0));

ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (started_at, session_id);

CREATE INDEX session_readings_by_session ON weir.session_readings USING btree (session_id, read_at);

CREATE INDEX sessions_by_connection ON ONLY weir.sessions USING btree (connection, started_at);

CREATE INDEX sessions_by_principal ON ONLY weir.sessions USING btree (principal_name, started_at);

CREATE OR REPLACE FUNCTION weir.open_day(day date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION weir.retain(moment timestamp with time zone DEFAULT now())
 RETURNS SETOF date
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
END $function$;

GRANT USAGE ON SCHEMA weir TO weir_reader;

GRANT SELECT ON TABLE data_keys TO weir_reader;

GRANT SELECT ON TABLE session_ends TO weir_reader;

GRANT SELECT ON TABLE session_events TO weir_reader;

GRANT INSERT, SELECT ON TABLE session_readings TO weir_reader;

GRANT SELECT ON TABLE sessions TO weir_reader;

GRANT EXECUTE ON FUNCTION open_day(date) TO weir_writer;

GRANT USAGE ON SCHEMA weir TO weir_writer;

GRANT INSERT ON TABLE data_keys TO weir_writer;

GRANT INSERT ON TABLE session_ends TO weir_writer;

GRANT INSERT ON TABLE session_events TO weir_writer;

GRANT INSERT ON TABLE sessions TO weir_writer;
