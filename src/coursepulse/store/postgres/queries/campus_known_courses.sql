-- Which of some courses there are.
SELECT course_id FROM courses WHERE course_id = ANY(%(ids)s)
