-- Callers who do not wait: their request stays until it expires, and what became of it is told when they send it again.

-- Whether its caller went on purpose, to come back: then nobody's leaving withdraws it.
ALTER TABLE weir.approvals ADD COLUMN deferred boolean NOT NULL DEFAULT false;
-- What became of an equal request.
CREATE INDEX approvals_over ON weir.approvals (binding) WHERE state IN ('denied', 'expired');

GRANT UPDATE (deferred) ON weir.approvals TO weir_access;
