-- Writes something, because a file of the write-ahead log that is empty is not closed.
SELECT pg_logical_emit_message(false, 'erasure', '')
