-- A student's own row of the roster.
SELECT * FROM people WHERE student_id = %(student)s
