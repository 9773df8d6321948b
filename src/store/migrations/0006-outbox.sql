-- Notifications on their way: written with what they tell of, delivered by whichever replica takes them first, tried again until they arrive.
CREATE TABLE weir.outbox (
  id         text        NOT NULL,
  target     text        NOT NULL,
  type       text        NOT NULL,
  payload    jsonb       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- When it is tried next; taken rows are hidden for a while, in case whoever took them ends.
  next_try   timestamptz NOT NULL DEFAULT now(),
  tries      integer     NOT NULL DEFAULT 0,
  PRIMARY KEY (id, target)
);
CREATE INDEX outbox_due ON weir.outbox (next_try);
GRANT SELECT, INSERT, DELETE ON weir.outbox TO weir_access;
GRANT UPDATE (next_try, tries) ON weir.outbox TO weir_access;
