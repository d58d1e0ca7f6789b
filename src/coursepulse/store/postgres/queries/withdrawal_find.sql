-- Where events with these ids are stored, but for those that were withdrawn before.
SELECT event_id, student_id, coalesce(course_id, ''), event_date
FROM student_activity_events
WHERE event_id = ANY(%(events)s) AND event_type <> 'x_withdrawn'
