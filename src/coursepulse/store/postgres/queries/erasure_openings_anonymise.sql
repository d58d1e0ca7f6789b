-- Puts the replacement in the place of a student whose record was opened; the typed reason may have named somebody.
UPDATE break_glass SET student_id = %(replacement)s, reason = 'removed with the erased record' WHERE student_id = %(student)s
