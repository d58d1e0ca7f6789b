-- How far each consumer of the event log has come.
SELECT name, position, latest_event_at, applied_at FROM pipeline_positions ORDER BY name
