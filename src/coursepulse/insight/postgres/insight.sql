-- What PostgreSQL knows for predictions.

-- name: dates_of_courses
-- The first and the last day of courses, and their titles: runs of one course have one.
SELECT course_id, title, starts_on, ends_on FROM courses WHERE course_id = ANY (%(courses)s) ORDER BY course_id
