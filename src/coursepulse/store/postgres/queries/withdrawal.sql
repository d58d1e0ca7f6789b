-- Events taken back.

-- name: withdrawal_find
-- Where events with these ids are stored, but for those that were withdrawn before.
SELECT event_id, student_id, coalesce(course_id, ''), event_date
FROM student_activity_events
WHERE event_id = ANY(%(events)s) AND event_type <> 'x_withdrawn'

-- name: withdrawal_records
-- Deletes what was kept for long of withdrawn events.
DELETE FROM academic_records WHERE event_id = ANY(%(events)s)

-- name: withdrawal_mark
-- Leaves the ids of withdrawn events, so that they stay duplicates when they come again, and nothing of what they said.
UPDATE student_activity_events
SET event_type = 'x_withdrawn', event_data = '{}'
WHERE event_id = ANY(%(events)s) AND event_date = ANY(%(days)s)
