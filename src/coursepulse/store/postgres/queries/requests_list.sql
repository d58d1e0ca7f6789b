-- Requests, newest first; of one student, or of all.
SELECT request_id, kind, mode, keep_records, state, asked_by, asked_at, done_at, receipt, trouble
FROM privacy_requests
WHERE %(student)s::uuid IS NULL OR student_id = %(student)s
ORDER BY asked_at DESC, request_id
LIMIT %(limit)s
