-- Opens a student's record for an account.
INSERT INTO break_glass (id, account, role, student_id, reason, request_id, opened_at, expires_at)
OVERRIDING SYSTEM VALUE
VALUES (%(id)s, %(account)s, %(role)s, %(student)s, %(reason)s, %(request_id)s, %(opened_at)s, %(expires_at)s)
RETURNING id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by
