-- What retention removed in a period, by kind, and the oldest that stayed after the last time.
SELECT what, count(*), sum(removed)::bigint, max(at), (array_agg(oldest_left ORDER BY at DESC))[1]
FROM retention_runs
WHERE at >= %(start)s AND at < %(end)s
GROUP BY what
ORDER BY what
