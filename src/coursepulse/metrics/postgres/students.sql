-- What PostgreSQL alone knows of one student.

-- name: own_goals
-- The goals that a student has set; the policies of the database show them to nobody else.
SELECT kind, course_id, minutes, finish_on
FROM goals
WHERE student_id = %(student)s::uuid
ORDER BY kind DESC, finish_on, course_id
