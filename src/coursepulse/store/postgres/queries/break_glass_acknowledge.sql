-- Notes who looked at an opening; the first one stays.
UPDATE break_glass
SET acknowledged_at = coalesce(acknowledged_at, %(at)s),
    acknowledged_by = CASE WHEN acknowledged_at IS NULL THEN %(by)s ELSE acknowledged_by END
WHERE id = %(id)s
RETURNING id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about
