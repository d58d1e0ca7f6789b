-- The name of whom a request is about, to be found in text that nobody could read; gone with the other facts about them.
ALTER TABLE privacy_requests ADD COLUMN name text;
