-- What a student asked for about the own data.
SELECT request_id, kind, mode, keep_records, state, asked_by, asked_at, done_at FROM privacy_requests
WHERE student_id = %(student)s ORDER BY asked_at
