-- Puts the replacement in the place of a student in the enrolments of the roster.
UPDATE enrolments SET student_id = %(replacement)s WHERE student_id = %(student)s
