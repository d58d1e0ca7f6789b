-- Ends the sessions of pages that show a student in a frame.
DELETE FROM sessions WHERE student_id = %(student)s
