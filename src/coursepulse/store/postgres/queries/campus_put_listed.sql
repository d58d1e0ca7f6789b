-- Writes the lists of instructors of courses; a row of its own, with its dates, says more and stays.
INSERT INTO teaching (course_id, teacher_id, listed)
SELECT course_id, teacher_id, true
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, teacher_id uuid)
ON CONFLICT DO NOTHING
