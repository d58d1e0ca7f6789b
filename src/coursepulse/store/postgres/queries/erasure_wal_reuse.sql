-- Files of the write-ahead log are used again, as configured.
ALTER SYSTEM RESET wal_recycle
