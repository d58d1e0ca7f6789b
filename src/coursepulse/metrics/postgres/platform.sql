-- How far the pipeline has come.

-- name: latest_data_at
-- The newest event that a consumer of the log has taken in.
SELECT latest_event_at FROM pipeline_positions WHERE name = %(consumer)s

-- name: pipeline
-- How far each consumer of the event log has come.
SELECT name, position, latest_event_at, applied_at FROM pipeline_positions ORDER BY name
