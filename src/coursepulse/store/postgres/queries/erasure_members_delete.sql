-- Takes a student out of the lists of classes.
DELETE FROM course_members WHERE student_id = %(student)s
