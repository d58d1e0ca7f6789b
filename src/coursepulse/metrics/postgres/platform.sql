-- How far the pipeline has come.

-- name: latest_data_at
-- The newest event that a consumer of the log has taken in.
SELECT latest_event_at FROM pipeline_positions WHERE name = %(consumer)s

-- name: pipeline
-- How far each consumer of the event log has come: the positions of all partitions, added up. What follows batches keeps
-- the mark of a publication, and is where that is once it has the newest one.
SELECT
    name,
    CASE WHEN name = 'raw' THEN log.stored WHEN position >= newest.mark THEN log.served END AS position,
    latest_event_at,
    applied_at
FROM
    pipeline_positions,
    (SELECT coalesce(sum(stored), 0)::bigint AS stored, coalesce(sum(served), 0)::bigint AS served FROM log_partitions) AS log,
    (SELECT coalesce(max(position), 0) AS mark FROM pipeline_positions WHERE name = 'served') AS newest
ORDER BY name
