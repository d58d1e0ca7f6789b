-- The language that somebody reads pages and mails in; empty for the one that their browser asks for.
ALTER TABLE accounts ADD COLUMN language text NOT NULL DEFAULT '';
