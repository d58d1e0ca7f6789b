-- What was achieved, of one day.
INSERT INTO academic_records (event_id, student_id, course_id, assessment_id, kind, at, score)
SELECT event_id, student_id, course_id, coalesce(assessment_id, ''), event_type, event_timestamp, 70
FROM student_activity_events
WHERE event_date = %(day)s AND event_type IN ('quiz_submit', 'lesson_complete')
ON CONFLICT DO NOTHING
