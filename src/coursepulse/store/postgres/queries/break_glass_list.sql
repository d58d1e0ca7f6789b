-- Opened records and what opens them for longer, newest first: of one account or of all, with what nobody has acknowledged first.
SELECT id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about
FROM break_glass
WHERE %(account)s::text IS NULL OR account = %(account)s
ORDER BY acknowledged_at IS NOT NULL, id DESC
LIMIT %(limit)s
