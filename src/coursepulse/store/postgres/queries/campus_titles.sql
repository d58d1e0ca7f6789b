-- What courses are called, as far as somebody said.
SELECT course_id, title FROM courses WHERE course_id = ANY(%(courses)s) AND title <> ''
