-- Academic records, kept for seven years.

-- name: records_keep
-- Adds what students achieved in the events between two positions of the log.
INSERT INTO academic_records (event_id, student_id, course_id, assessment_id, kind, at, score)
SELECT
    event_id, student_id, coalesce(course_id, ''), coalesce(assessment_id, ''), event_type, event_timestamp,
    least(100, 100 * (event_data ->> 'score')::double precision
        / coalesce((event_data ->> 'max_score')::double precision, 100))
FROM student_activity_events
WHERE log_position > %(after)s AND log_position <= %(up_to)s AND event_type = ANY(%(types)s)
ON CONFLICT (event_id, at) DO NOTHING

-- name: records_prune
-- Removes academic records older than a moment.
DELETE FROM academic_records WHERE at < %(before)s
