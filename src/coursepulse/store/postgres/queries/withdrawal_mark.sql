-- Leaves the ids of withdrawn events, so that they stay duplicates when they come again, and nothing of what they said.
UPDATE student_activity_events
SET event_type = 'x_withdrawn', event_data = '{}'
WHERE event_id = ANY(%(events)s) AND event_date = ANY(%(days)s)
