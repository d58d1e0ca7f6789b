-- Puts the replacement in the place of a student in the academic records.
UPDATE academic_records SET student_id = %(replacement)s WHERE student_id = %(student)s
