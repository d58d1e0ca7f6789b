-- How many transactions may still see what was deleted before a transaction id: VACUUM would keep it for them.
SELECT count(*) FROM pg_stat_activity
WHERE backend_xmin IS NOT NULL AND age(backend_xmin) > age(%(before)s::text::xid) AND pid <> pg_backend_pid()
