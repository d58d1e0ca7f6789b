-- Deletes the academic records of a student.
DELETE FROM academic_records WHERE student_id = %(student)s
