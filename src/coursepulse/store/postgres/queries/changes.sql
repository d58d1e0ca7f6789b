-- What processes tell each other of changes.

-- name: changes_newest
-- The number of the newest.
SELECT coalesce(max(number), 0) FROM changed_keys

-- name: changes_after
-- Some rows after a number, in order.
SELECT number, kind, latest_event_at, noted_at, learners, days
FROM changed_keys
WHERE number > %(after)s
ORDER BY number
LIMIT %(some)s

-- name: changes_told
-- The rows after a number about students whose data were changed at rest.
SELECT number, kind, latest_event_at, noted_at, learners, days
FROM changed_keys
WHERE number > %(after)s AND kind IN ('erased', 'renewed')
ORDER BY number

-- name: changes_note
-- Something has changed beside the batches. The row of the batches is held meanwhile, so that numbers become visible in
-- their order.
WITH held AS (SELECT name FROM pipeline_positions WHERE name = 'served' FOR UPDATE)
INSERT INTO changed_keys (number, kind, noted_at, learners, days)
SELECT nextval('row_versions'), %(kind)s, %(now)s, %(learners)s, '{}'
FROM (SELECT count(*) FROM held) AS waited

-- name: changes_prune
-- Old rows go, once the rollups of learners have followed.
DELETE FROM changed_keys
WHERE noted_at < %(before)s AND number <= (SELECT position FROM pipeline_positions WHERE name = 'learners')
