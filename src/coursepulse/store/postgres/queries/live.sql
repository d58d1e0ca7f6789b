-- What goes on right now, told between processes.

-- name: live_want
-- Somebody looks.
INSERT INTO live_wanted (subject, wanted_until) VALUES (%(subject)s, now() + interval '20 seconds')
ON CONFLICT (subject) DO UPDATE SET wanted_until = excluded.wanted_until

-- name: live_wanted
-- What somebody looks at, the latest looks first.
SELECT subject FROM live_wanted WHERE wanted_until > now() ORDER BY wanted_until DESC LIMIT %(most)s

-- name: live_told
-- What each other worker has said lately; null where it has not.
SELECT worker.name, told.outputs
FROM (SELECT DISTINCT owner AS name FROM log_partitions WHERE owner <> '' AND leased_until > now()) AS worker
LEFT JOIN live_told AS told
    ON told.worker = worker.name AND told.subject = %(subject)s AND told.told_at > now() - interval '8 seconds'
WHERE worker.name <> %(name)s

-- name: live_tell
-- What this worker says.
INSERT INTO live_told (subject, worker, told_at, outputs) VALUES (%(subject)s, %(name)s, now(), %(outputs)s)
ON CONFLICT (subject, worker) DO UPDATE SET told_at = excluded.told_at, outputs = excluded.outputs

-- name: live_forget
-- Nothing that was said of anybody is kept: what still holds is said again within a second.
DELETE FROM live_told

-- name: live_prune
-- What nobody has looked at lately.
WITH unwanted AS (DELETE FROM live_wanted WHERE wanted_until < now() - interval '1 minute')
DELETE FROM live_told WHERE told_at < now() - interval '1 minute'
