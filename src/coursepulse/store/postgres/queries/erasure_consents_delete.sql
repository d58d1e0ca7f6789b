-- Deletes the history of consents of a student.
DELETE FROM consents WHERE student_id = %(student)s
