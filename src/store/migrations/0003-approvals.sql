-- Requests that wait for a person. The request itself is not here: binding is an HMAC of it, texts are what reviewers read, masked and sealed.

CREATE TABLE weir.approvals (
  id            text        NOT NULL PRIMARY KEY,
  binding       bytea       NOT NULL CHECK (length(binding) = 32),
  -- pending → approved → used; pending → denied, expired or withdrawn; approved → expired.
  state         text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'used', 'denied', 'expired', 'withdrawn')),
  session_id    text        NOT NULL,
  kind          text        NOT NULL,
  issuer        text        NOT NULL,
  subject       text        NOT NULL,
  name          text        NOT NULL,
  owner_issuer  text,
  owner_subject text,
  connection    text        NOT NULL,
  connection_revision text  NOT NULL,
  policy_revision text      NOT NULL,
  model         text,
  operation     text        NOT NULL,
  -- [{policy, reasons, groups, count}]
  rules         jsonb       NOT NULL,
  unseen        text[]      NOT NULL,
  texts         bytea       NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL,
  -- Set while nobody waits: a caller that does not come back within a while withdraws the request.
  left_at       timestamptz,
  decided_at    timestamptz,
  -- What the caller is told with a denial.
  reason        text
);
-- Equal requests share an entry for as long as it may let one pass.
CREATE UNIQUE INDEX approvals_in_force ON weir.approvals (binding) WHERE state IN ('pending', 'approved');
CREATE INDEX approvals_by_state ON weir.approvals (state, created_at);

CREATE TABLE weir.approval_votes (
  approval   text        NOT NULL REFERENCES weir.approvals (id) ON DELETE CASCADE,
  issuer     text        NOT NULL,
  subject    text        NOT NULL,
  name       text        NOT NULL,
  groups     text[]      NOT NULL,
  verdict    text        NOT NULL CHECK (verdict IN ('approve', 'deny')),
  reason     text        NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (approval, issuer, subject)
);

-- Yes for a time: what an identity may ask of a model over a connection without asking again, for the policies that it was given under.
CREATE TABLE weir.approval_scopes (
  id         text        NOT NULL PRIMARY KEY,
  approval   text        NOT NULL REFERENCES weir.approvals (id),
  issuer     text        NOT NULL,
  subject    text        NOT NULL,
  connection text        NOT NULL,
  model      text,
  operation  text        NOT NULL,
  policies   text[]      NOT NULL,
  policy_revision text   NOT NULL,
  connection_revision text NOT NULL,
  until      timestamptz NOT NULL
);
CREATE INDEX approval_scopes_by_identity ON weir.approval_scopes (issuer, subject, until);

GRANT SELECT, INSERT ON weir.approvals, weir.approval_votes, weir.approval_scopes TO weir_access;
GRANT UPDATE (state, left_at, decided_at, reason) ON weir.approvals TO weir_access;
