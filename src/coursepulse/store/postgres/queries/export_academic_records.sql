-- The academic records of a student.
SELECT * FROM academic_records WHERE student_id = %(student)s ORDER BY at, event_id
