-- What the migrations make: written by test/postgres/migrate.test.ts, never edited.

CREATE TABLE weir.api_keys (
  id text NOT NULL,
  hash bytea NOT NULL,
  identity text NOT NULL,
  connections text[],
  models text[],
  operations text[],
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone
);

CREATE TABLE weir.approval_scopes (
  id text NOT NULL,
  approval text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  connection text NOT NULL,
  model text,
  operation text NOT NULL,
  policies text[] NOT NULL,
  policy_revision text NOT NULL,
  connection_revision text NOT NULL,
  until timestamp with time zone NOT NULL
);

CREATE TABLE weir.approval_votes (
  approval text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  name text NOT NULL,
  groups text[] NOT NULL,
  verdict text NOT NULL,
  reason text NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  email text
);

CREATE TABLE weir.approvals (
  id text NOT NULL,
  binding bytea NOT NULL,
  state text NOT NULL DEFAULT 'pending'::text,
  session_id text NOT NULL,
  kind text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  name text NOT NULL,
  owner_issuer text,
  owner_subject text,
  connection text NOT NULL,
  connection_revision text NOT NULL,
  policy_revision text NOT NULL,
  model text,
  operation text NOT NULL,
  rules jsonb NOT NULL,
  unseen text[] NOT NULL,
  texts bytea NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  left_at timestamp with time zone,
  decided_at timestamp with time zone,
  reason text,
  deferred boolean NOT NULL DEFAULT false,
  email text
);

CREATE TABLE weir.audit_events (
  id bigint NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  issuer text NOT NULL,
  subject text NOT NULL,
  name text NOT NULL,
  action text NOT NULL,
  object text NOT NULL,
  details jsonb NOT NULL
);

CREATE TABLE weir.changes (
  channel text NOT NULL,
  revision bigint NOT NULL
);

CREATE TABLE weir.data_keys (
  id text NOT NULL,
  master_key text NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamp with time zone NOT NULL
);

CREATE TABLE weir.declared_objects (
  kind text NOT NULL,
  name text NOT NULL,
  document jsonb NOT NULL,
  revision bigint NOT NULL,
  credential_header text,
  credential bytea,
  credential_key text,
  updated_at timestamp with time zone NOT NULL,
  by_issuer text NOT NULL,
  by_subject text NOT NULL,
  by_name text NOT NULL
);

CREATE TABLE weir.identities (
  issuer text NOT NULL,
  subject text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  email text,
  groups text[] NOT NULL,
  first_seen timestamp with time zone NOT NULL,
  last_seen timestamp with time zone NOT NULL,
  source text,
  owner_issuer text,
  owner_subject text
);

CREATE TABLE weir.migrations (
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now()
);

CREATE TABLE weir.outbox (
  id text NOT NULL,
  target text NOT NULL,
  type text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  next_try timestamp with time zone NOT NULL DEFAULT now(),
  tries integer NOT NULL DEFAULT 0
);

CREATE TABLE weir.quotas (
  key text NOT NULL,
  window_start timestamp with time zone NOT NULL,
  used bigint NOT NULL
);

CREATE TABLE weir.revocations (
  id bigint NOT NULL,
  revision bigint NOT NULL,
  kind text NOT NULL,
  object text[] NOT NULL,
  reason text NOT NULL,
  by_issuer text NOT NULL,
  by_subject text NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  until timestamp with time zone,
  lifted_at timestamp with time zone
);

CREATE TABLE weir.service_identities (
  name text NOT NULL,
  kind text NOT NULL,
  groups text[] NOT NULL,
  owner_issuer text,
  owner_subject text,
  created_at timestamp with time zone NOT NULL DEFAULT now()
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

CREATE TABLE weir.stored_objects (
  connection text NOT NULL,
  kind text NOT NULL,
  id text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  claimed_at timestamp with time zone NOT NULL DEFAULT now()
);

CREATE TABLE weir.tokens (
  id text NOT NULL,
  hash bytea NOT NULL,
  lineage text[] NOT NULL,
  via text NOT NULL,
  kind text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  name text NOT NULL,
  email text,
  groups text[] NOT NULL,
  connections text[],
  models text[],
  operations text[],
  uses_left integer,
  issued_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  owner_issuer text,
  owner_subject text
);

ALTER TABLE api_keys ADD CONSTRAINT api_keys_hash_check CHECK ((length(hash) = 32));

ALTER TABLE api_keys ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);

ALTER TABLE api_keys ADD CONSTRAINT api_keys_identity_fkey FOREIGN KEY (identity) REFERENCES service_identities(name) ON DELETE CASCADE;

ALTER TABLE api_keys ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE approval_scopes ADD CONSTRAINT approval_scopes_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id);

ALTER TABLE approval_scopes ADD CONSTRAINT approval_scopes_pkey PRIMARY KEY (id);

ALTER TABLE approval_votes ADD CONSTRAINT approval_votes_approval_fkey FOREIGN KEY (approval) REFERENCES approvals(id) ON DELETE CASCADE;

ALTER TABLE approval_votes ADD CONSTRAINT approval_votes_pkey PRIMARY KEY (approval, issuer, subject);

ALTER TABLE approval_votes ADD CONSTRAINT approval_votes_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'deny'::text])));

ALTER TABLE approvals ADD CONSTRAINT approvals_binding_check CHECK ((length(binding) = 32));

ALTER TABLE approvals ADD CONSTRAINT approvals_pkey PRIMARY KEY (id);

ALTER TABLE approvals ADD CONSTRAINT approvals_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'used'::text, 'denied'::text, 'expired'::text, 'withdrawn'::text])));

ALTER TABLE audit_events ADD CONSTRAINT audit_events_pkey PRIMARY KEY (id);

ALTER TABLE changes ADD CONSTRAINT changes_pkey PRIMARY KEY (channel);

ALTER TABLE data_keys ADD CONSTRAINT data_keys_pkey PRIMARY KEY (id);

ALTER TABLE declared_objects ADD CONSTRAINT declared_objects_check CHECK ((num_nulls(credential_header, credential, credential_key) = ANY (ARRAY[0, 3])));

ALTER TABLE declared_objects ADD CONSTRAINT declared_objects_check1 CHECK (((credential IS NULL) OR (kind = 'connection'::text)));

ALTER TABLE declared_objects ADD CONSTRAINT declared_objects_document_check CHECK ((jsonb_typeof(document) = 'object'::text));

ALTER TABLE declared_objects ADD CONSTRAINT declared_objects_kind_check CHECK ((kind = ANY (ARRAY['connection'::text, 'policy'::text, 'issuer'::text])));

ALTER TABLE declared_objects ADD CONSTRAINT declared_objects_pkey PRIMARY KEY (kind, name);

ALTER TABLE identities ADD CONSTRAINT identities_check CHECK (((owner_issuer IS NULL) = (owner_subject IS NULL)));

ALTER TABLE identities ADD CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject);

ALTER TABLE migrations ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);

ALTER TABLE outbox ADD CONSTRAINT outbox_pkey PRIMARY KEY (id, target);

ALTER TABLE quotas ADD CONSTRAINT quotas_pkey PRIMARY KEY (key, window_start);

ALTER TABLE quotas ADD CONSTRAINT quotas_used_check CHECK ((used >= 0));

ALTER TABLE revocations ADD CONSTRAINT revocations_check CHECK ((cardinality(object) =
CASE kind
    WHEN 'identity'::text THEN 2
    ELSE 1
END));

ALTER TABLE revocations ADD CONSTRAINT revocations_kind_check CHECK ((kind = ANY (ARRAY['token'::text, 'identity'::text, 'issuer'::text, 'connection'::text])));

ALTER TABLE revocations ADD CONSTRAINT revocations_pkey PRIMARY KEY (id);

ALTER TABLE revocations ADD CONSTRAINT revocations_revision_key UNIQUE (revision);

ALTER TABLE service_identities ADD CONSTRAINT service_identities_check CHECK (((owner_issuer IS NULL) = (owner_subject IS NULL)));

ALTER TABLE service_identities ADD CONSTRAINT service_identities_kind_check CHECK ((kind = ANY (ARRAY['service'::text, 'agent'::text, 'ci'::text])));

ALTER TABLE service_identities ADD CONSTRAINT service_identities_pkey PRIMARY KEY (name);

ALTER TABLE session_ends ADD CONSTRAINT session_ends_pkey PRIMARY KEY (started_at, session_id);

ALTER TABLE session_events ADD CONSTRAINT session_events_hash_check CHECK ((length(hash) = 32));

ALTER TABLE session_events ADD CONSTRAINT session_events_pkey PRIMARY KEY (started_at, session_id, seq);

ALTER TABLE session_events ADD CONSTRAINT session_events_seq_check CHECK ((seq >= 0));

ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (started_at, session_id);

ALTER TABLE stored_objects ADD CONSTRAINT stored_objects_pkey PRIMARY KEY (connection, kind, id);

ALTER TABLE tokens ADD CONSTRAINT tokens_check CHECK (((owner_issuer IS NULL) = (owner_subject IS NULL)));

ALTER TABLE tokens ADD CONSTRAINT tokens_hash_check CHECK ((length(hash) = 32));

ALTER TABLE tokens ADD CONSTRAINT tokens_hash_key UNIQUE (hash);

ALTER TABLE tokens ADD CONSTRAINT tokens_pkey PRIMARY KEY (id);

ALTER TABLE tokens ADD CONSTRAINT tokens_uses_left_check CHECK ((uses_left >= 0));

ALTER TABLE tokens ADD CONSTRAINT tokens_via_check CHECK ((via = ANY (ARRAY['exchange'::text, 'client_credentials'::text])));

CREATE INDEX api_keys_by_identity ON weir.api_keys USING btree (identity, created_at);

CREATE UNIQUE INDEX api_keys_hash_key ON weir.api_keys USING btree (hash);

CREATE INDEX approval_scopes_by_identity ON weir.approval_scopes USING btree (issuer, subject, until);

CREATE INDEX approvals_by_state ON weir.approvals USING btree (state, created_at);

CREATE UNIQUE INDEX approvals_in_force ON weir.approvals USING btree (binding) WHERE (state = ANY (ARRAY['pending'::text, 'approved'::text]));

CREATE INDEX approvals_over ON weir.approvals USING btree (binding) WHERE (state = ANY (ARRAY['denied'::text, 'expired'::text]));

CREATE INDEX approvals_pending_by_identity ON weir.approvals USING btree (issuer, subject) WHERE (state = 'pending'::text);

CREATE INDEX audit_events_by_object ON weir.audit_events USING btree (object, at);

CREATE INDEX identities_by_last_seen ON weir.identities USING btree (last_seen);

CREATE INDEX identities_by_name ON weir.identities USING btree (name);

CREATE INDEX outbox_due ON weir.outbox USING btree (next_try);

CREATE INDEX quotas_by_window ON weir.quotas USING btree (window_start);

CREATE UNIQUE INDEX revocations_in_force ON weir.revocations USING btree (kind, object) WHERE (lifted_at IS NULL);

CREATE UNIQUE INDEX revocations_revision_key ON weir.revocations USING btree (revision);

CREATE INDEX session_readings_by_session ON weir.session_readings USING btree (session_id, read_at);

CREATE INDEX sessions_by_connection ON ONLY weir.sessions USING btree (connection, started_at);

CREATE INDEX sessions_by_principal ON ONLY weir.sessions USING btree (principal_name, started_at);

CREATE INDEX tokens_by_end ON weir.tokens USING btree (expires_at);

CREATE INDEX tokens_by_identity ON weir.tokens USING btree (issuer, subject, expires_at);

CREATE UNIQUE INDEX tokens_hash_key ON weir.tokens USING btree (hash);

CREATE OR REPLACE FUNCTION weir.announce(a_channel text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  INSERT INTO weir.changes AS c (channel, revision) VALUES (a_channel, 1) ON CONFLICT (channel) DO UPDATE SET revision = c.revision + 1;
  PERFORM pg_notify('weir_changes', a_channel);
END $function$;

CREATE OR REPLACE FUNCTION weir.declared_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM weir.announce('declared');
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION weir.forget_quotas(before timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  DELETE FROM weir.quotas WHERE window_start < before
$function$;

CREATE OR REPLACE FUNCTION weir.keys_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM weir.announce('keys');
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION weir.lease_quota(a_key text, a_window timestamp with time zone, want bigint, a_limit bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  before bigint;
  granted bigint;
BEGIN
  INSERT INTO weir.quotas (key, window_start, used) VALUES (a_key, a_window, 0) ON CONFLICT DO NOTHING;
  SELECT used INTO before FROM weir.quotas WHERE key = a_key AND window_start = a_window FOR UPDATE;
  granted := GREATEST(0, LEAST(want, a_limit - before));
  IF granted > 0 THEN UPDATE weir.quotas SET used = used + granted WHERE key = a_key AND window_start = a_window; END IF;
  RETURN granted;
END $function$;

CREATE OR REPLACE FUNCTION weir.lift_revocation(a_kind text, an_object text[])
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.revocations', 0));
  UPDATE weir.revocations SET lifted_at = now(), revision = nextval('weir.revocation_revision')
    WHERE kind = a_kind AND object = an_object AND lifted_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM weir.announce('revocations');
  RETURN true;
END $function$;

CREATE OR REPLACE FUNCTION weir.object_declared()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  NEW.revision := nextval('weir.declared_object_revision');
  NEW.updated_at := now();
  RETURN NEW;
END $function$;

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

CREATE OR REPLACE FUNCTION weir.return_quota(a_key text, a_window timestamp with time zone, amount bigint)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  UPDATE weir.quotas SET used = GREATEST(0, used - amount) WHERE key = a_key AND window_start = a_window
$function$;

CREATE OR REPLACE FUNCTION weir.revoke(a_kind text, an_object text[], a_reason text, an_issuer text, a_subject text, an_end timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
END $function$;

GRANT EXECUTE ON FUNCTION announce(text) TO weir_access;

GRANT EXECUTE ON FUNCTION forget_quotas(timestamp with time zone) TO weir_access;

GRANT EXECUTE ON FUNCTION lease_quota(text,timestamp with time zone,bigint,bigint) TO weir_access;

GRANT EXECUTE ON FUNCTION lift_revocation(text,text[]) TO weir_access;

GRANT EXECUTE ON FUNCTION return_quota(text,timestamp with time zone,bigint) TO weir_access;

GRANT EXECUTE ON FUNCTION revoke(text,text[],text,text,text,timestamp with time zone) TO weir_access;

GRANT USAGE ON SCHEMA weir TO weir_access;

GRANT DELETE, INSERT, SELECT ON TABLE api_keys TO weir_access;

GRANT INSERT, SELECT ON TABLE approval_scopes TO weir_access;

GRANT INSERT, SELECT ON TABLE approval_votes TO weir_access;

GRANT INSERT, SELECT ON TABLE approvals TO weir_access;

GRANT INSERT, SELECT ON TABLE audit_events TO weir_access;

GRANT SELECT ON TABLE changes TO weir_access;

GRANT DELETE, INSERT, SELECT ON TABLE declared_objects TO weir_access;

GRANT INSERT, SELECT ON TABLE identities TO weir_access;

GRANT DELETE, INSERT, SELECT ON TABLE outbox TO weir_access;

GRANT SELECT ON TABLE revocations TO weir_access;

GRANT DELETE, INSERT, SELECT ON TABLE service_identities TO weir_access;

GRANT INSERT, SELECT ON TABLE stored_objects TO weir_access;

GRANT DELETE, INSERT, SELECT ON TABLE tokens TO weir_access;

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
