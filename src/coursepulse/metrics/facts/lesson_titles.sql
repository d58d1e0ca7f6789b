-- Titles of the lessons of some courses.
SELECT course_id, lesson_id, title FROM lessons WHERE course_id = ANY(%(courses)s)
