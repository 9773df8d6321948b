-- The directory says where an identity's groups come from (its issuer's claims, the configuration, or the database), and who is responsible for it.

ALTER TABLE weir.identities ADD COLUMN source text, ADD COLUMN owner_issuer text, ADD COLUMN owner_subject text,
  ADD CHECK ((owner_issuer IS NULL) = (owner_subject IS NULL));
GRANT UPDATE (source, owner_issuer, owner_subject) ON weir.identities TO weir_access;
