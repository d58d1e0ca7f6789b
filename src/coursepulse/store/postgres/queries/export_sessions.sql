-- Where a person is signed in.
SELECT s.created_at, s.seen_at, s.expires_at FROM sessions AS s LEFT JOIN accounts AS a USING (account_id)
WHERE s.student_id = %(student)s OR a.student_id = %(student)s ORDER BY s.created_at
