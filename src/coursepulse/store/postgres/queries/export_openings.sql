-- Who opened the record of a student with a typed reason, and when.
SELECT id AS number, kind, role, reason, opened_at, expires_at FROM break_glass WHERE student_id = %(student)s ORDER BY opened_at
