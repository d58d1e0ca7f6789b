-- Names of students by pseudonym.
SELECT student_id, name FROM people WHERE student_id = ANY(%(students)s) AND name <> ''
