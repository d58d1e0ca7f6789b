-- The newest event that the numbers can see.
SELECT latest_event_at FROM pipeline_positions WHERE name = 'served'
