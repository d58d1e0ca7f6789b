-- The newest event that a consumer of the log has taken in.
SELECT latest_event_at FROM pipeline_positions WHERE name = %(consumer)s
