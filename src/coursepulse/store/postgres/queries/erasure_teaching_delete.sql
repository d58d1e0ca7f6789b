-- Takes a person out of the list of teachers.
DELETE FROM teaching WHERE teacher_id = %(student)s
