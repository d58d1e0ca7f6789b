-- Deletes what was kept for long of withdrawn events.
DELETE FROM academic_records WHERE event_id = ANY(%(events)s)
