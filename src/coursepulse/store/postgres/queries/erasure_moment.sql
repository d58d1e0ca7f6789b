-- A transaction id of its own: everything deleted so far is older.
SELECT pg_current_xact_id()::xid::text
