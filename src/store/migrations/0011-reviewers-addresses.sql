-- Two accounts with one e-mail address are one person, who neither approves their own request nor counts twice.

ALTER TABLE weir.approvals ADD COLUMN email text;
ALTER TABLE weir.approval_votes ADD COLUMN email text;
