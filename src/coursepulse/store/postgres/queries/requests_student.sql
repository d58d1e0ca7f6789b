-- Whom an export is about.
SELECT student_id FROM privacy_requests
WHERE request_id = %(request)s AND kind = 'export' AND student_id IS NOT NULL
