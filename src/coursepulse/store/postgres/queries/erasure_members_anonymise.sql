-- Puts the replacement in the place of a student in the lists of classes.
UPDATE course_members SET student_id = %(replacement)s WHERE student_id = %(student)s
