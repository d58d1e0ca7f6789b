-- Deletes a person from the roster.
DELETE FROM people WHERE student_id = %(student)s
