-- Leaves that a record was opened, without whose and why.
UPDATE break_glass SET student_id = %(replacement)s, reason = 'removed with the erased record' WHERE student_id = %(student)s
