-- Titles of courses.
SELECT course_id, title FROM courses WHERE course_id = ANY(%(courses)s)
