-- How many files of the write-ahead log lie ahead of the current one; used ones that were kept for that hold old bytes.
SELECT count(*) FROM pg_ls_waldir() WHERE name > pg_walfile_name(pg_current_wal_lsn()) AND name ~ '^[0-9A-F]{24}$'
