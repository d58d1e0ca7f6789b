-- Records opened with a reason.

-- name: break_glass_number
-- The number of the next opening.
SELECT nextval(pg_get_serial_sequence('break_glass', 'id'))

-- name: break_glass_open
-- Opens a student's record for an account, or notes that an account or a key opens records.
INSERT INTO break_glass (id, account, role, student_id, reason, request_id, opened_at, expires_at, kind, about)
OVERRIDING SYSTEM VALUE
VALUES (
    %(id)s, %(account)s, %(role)s, %(student)s, %(reason)s, %(request_id)s, %(opened_at)s, %(expires_at)s,
    %(kind)s, %(about)s
)
RETURNING id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about

-- name: break_glass_list
-- Opened records and what opens them for longer, newest first: of one account or of all, with what nobody has acknowledged first.
SELECT id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about
FROM break_glass
WHERE %(account)s::text IS NULL OR account = %(account)s
ORDER BY acknowledged_at IS NOT NULL, id DESC
LIMIT %(limit)s

-- name: break_glass_reasons
-- The typed reasons of some openings.
SELECT id, reason FROM break_glass WHERE id = ANY(%(numbers)s)

-- name: break_glass_opener
-- Which account opened a record.
SELECT account FROM break_glass WHERE id = %(id)s

-- name: break_glass_acknowledge
-- Notes who looked at an opening; the first one stays.
UPDATE break_glass
SET acknowledged_at = coalesce(acknowledged_at, %(at)s),
    acknowledged_by = CASE WHEN acknowledged_at IS NULL THEN %(by)s ELSE acknowledged_by END
WHERE id = %(id)s
RETURNING id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about

-- name: break_glass_flagged
-- How many opened records no administrator has looked into.
SELECT count(*) FROM break_glass WHERE acknowledged_at IS NULL
