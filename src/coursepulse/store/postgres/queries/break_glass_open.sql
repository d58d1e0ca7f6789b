-- Opens a student's record for an account.
INSERT INTO break_glass (account, role, student_id, reason, request_id, opened_at, expires_at)
VALUES (%(account)s, %(role)s, %(student)s, %(reason)s, %(request_id)s, %(opened_at)s, %(expires_at)s)
RETURNING id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by
