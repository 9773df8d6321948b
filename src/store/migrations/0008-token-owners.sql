-- A token of a service stays a service's token: its owner, who may not approve what it asks, is kept with it.

ALTER TABLE weir.tokens ADD COLUMN owner_issuer text, ADD COLUMN owner_subject text,
  ADD CHECK ((owner_issuer IS NULL) = (owner_subject IS NULL));
-- How many requests of a caller wait, before it gets another entry.
CREATE INDEX approvals_pending_by_identity ON weir.approvals (issuer, subject) WHERE state = 'pending';
