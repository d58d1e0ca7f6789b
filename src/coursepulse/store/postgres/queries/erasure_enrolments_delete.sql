-- Deletes the enrolments of a student from the roster.
DELETE FROM enrolments WHERE student_id = %(student)s
