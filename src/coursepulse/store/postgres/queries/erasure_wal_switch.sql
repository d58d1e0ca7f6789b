-- Closes the current file of the write-ahead log; the rest of it is filled with zeros.
SELECT pg_switch_wal()
