-- Opens a student's record for an account, or notes that an account or a key opens records.
INSERT INTO break_glass (id, account, role, student_id, reason, request_id, opened_at, expires_at, kind, about)
OVERRIDING SYSTEM VALUE
VALUES (
    %(id)s, %(account)s, %(role)s, %(student)s, %(reason)s, %(request_id)s, %(opened_at)s, %(expires_at)s,
    %(kind)s, %(about)s
)
RETURNING id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about
