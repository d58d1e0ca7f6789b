-- The raw events of the sessions in `session_hours`, in those hours, without the platform's own `x_` types.
SELECT
    event_id, event_type, at, student_id, session_id, course_id, lesson_id, video_id, assessment_id,
    position, position_to, duration, rate, segments, score, passed, attempt, clicks
FROM events
PREWHERE (student_id, session_id) IN (SELECT student_id, session_id FROM session_hours)
WHERE toDate(at) IN (SELECT toDate(hour) FROM session_hours)
  AND (toStartOfHour(at), student_id) IN (SELECT hour, student_id FROM session_hours)
  AND NOT startsWith(event_type, 'x_')
LIMIT 1 BY event_id, at
