-- What retention has removed, newest first.
SELECT at, what, removed, oldest_left FROM retention_runs ORDER BY run_id DESC LIMIT %(limit)s
