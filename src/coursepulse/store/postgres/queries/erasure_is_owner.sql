-- Whether this role may empty the write-ahead log.
SELECT rolsuper FROM pg_roles WHERE rolname = current_user
