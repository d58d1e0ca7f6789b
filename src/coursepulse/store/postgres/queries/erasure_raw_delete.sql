-- Deletes the raw events of a student.
DELETE FROM student_activity_events WHERE student_id = %(student)s
