-- Withdrawn events.

-- name: withdrawal_find
-- Where events with these ids are stored, except those that were withdrawn before.
SELECT event_id, student_id, coalesce(course_id, ''), event_date
FROM student_activity_events
WHERE event_id = ANY(%(events)s) AND event_type <> 'x_withdrawn'

-- name: withdrawal_carried
-- Where the log carried the events of a student since a day, without those that are being withdrawn.
SELECT log_position
FROM student_activity_events
WHERE student_id = %(student)s AND event_date >= %(since)s
  AND event_type <> 'x_withdrawn' AND event_id <> ALL(%(events)s)

-- name: withdrawal_records
-- Deletes the academic records of withdrawn events.
DELETE FROM academic_records WHERE event_id = ANY(%(events)s)

-- name: withdrawal_mark
-- Removes everything but the ids of withdrawn events, so that they are duplicates if they arrive again.
UPDATE student_activity_events
SET event_type = 'x_withdrawn', event_data = '{}'
WHERE event_id = ANY(%(events)s) AND event_date = ANY(%(days)s)
