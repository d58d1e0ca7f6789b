-- Requests of students in a period, by kind and mode: how many are done, how long they took, how many took over a month.
SELECT
    kind,
    mode,
    count(*),
    count(done_at),
    count(*) FILTER (WHERE coalesce(done_at, %(now)s) > asked_at + interval '1 month'),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM done_at - asked_at) / 3600),
    (max(extract(epoch FROM done_at - asked_at)) / 3600)::double precision
FROM privacy_requests
WHERE asked_at >= %(start)s AND asked_at < %(end)s
GROUP BY kind, mode
ORDER BY kind, mode
