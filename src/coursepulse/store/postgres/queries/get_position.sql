-- How far a consumer has come.
SELECT position, latest_event_at, applied_at FROM pipeline_positions WHERE name = %(name)s
