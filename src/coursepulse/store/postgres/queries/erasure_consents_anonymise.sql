-- Puts the replacement in the place of a student in the history of consents.
UPDATE consents SET student_id = %(replacement)s WHERE student_id = %(student)s
