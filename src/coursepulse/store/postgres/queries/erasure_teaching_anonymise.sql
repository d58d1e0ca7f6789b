-- Puts the replacement in the place of a person in the list of teachers.
UPDATE teaching SET teacher_id = %(replacement)s WHERE teacher_id = %(student)s
