-- From now on used files of the write-ahead log are removed, not kept to be written over later.
ALTER SYSTEM SET wal_recycle = off
