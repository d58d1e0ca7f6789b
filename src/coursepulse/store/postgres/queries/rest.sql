-- The rest of all pipelines.

-- name: rest_share
-- A batch is on its way.
SELECT pg_advisory_lock_shared(7203850418)

-- name: rest_let_go
-- It has been served.
SELECT pg_advisory_unlock_shared(7203850418)

-- name: rest_alone
-- No batch is on its way, and none begins.
SELECT pg_advisory_lock(7203850418)

-- name: rest_let_go_alone
-- Batches go on.
SELECT pg_advisory_unlock(7203850418)
