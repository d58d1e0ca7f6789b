-- One request.
SELECT request_id, kind, mode, keep_records, state, asked_by, asked_at, done_at, receipt, trouble
FROM privacy_requests
WHERE request_id = %(request)s
