-- Writes who teaches courses.
INSERT INTO teaching (course_id, instructor_external_id)
SELECT course_id, instructor_external_id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, instructor_external_id text)
ON CONFLICT DO NOTHING
