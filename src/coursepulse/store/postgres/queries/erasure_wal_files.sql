-- How many files the write-ahead log has, the ones prepared for later included.
SELECT count(*) FROM pg_ls_waldir()
