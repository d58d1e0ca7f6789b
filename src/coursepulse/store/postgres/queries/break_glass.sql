-- Access grants.

-- name: break_glass_number
-- The number of the next grant.
SELECT nextval(pg_get_serial_sequence('break_glass', 'id'))

-- name: break_glass_open
-- Opens a student's record for an account, or lists an account or key that opens records.
INSERT INTO break_glass (id, account, role, student_id, reason, request_id, opened_at, expires_at, kind, about)
OVERRIDING SYSTEM VALUE
VALUES (
    %(id)s, %(account)s, %(role)s, %(student)s, %(reason)s, %(request_id)s, %(opened_at)s, %(expires_at)s,
    %(kind)s, %(about)s
)
RETURNING id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about

-- name: break_glass_list
-- Grants, tied accounts and reading keys of one account or of all: unacknowledged first, then newest.
SELECT id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about
FROM break_glass
WHERE %(account)s::text IS NULL OR account = %(account)s
ORDER BY acknowledged_at IS NOT NULL, id DESC
LIMIT %(limit)s

-- name: break_glass_reasons
-- The typed reasons of some grants.
SELECT id, reason FROM break_glass WHERE id = ANY(%(numbers)s)

-- name: break_glass_opener
-- The account that opened a record.
SELECT account FROM break_glass WHERE id = %(id)s

-- name: break_glass_acknowledge
-- Records who acknowledged a grant; the first one stays.
UPDATE break_glass
SET acknowledged_at = coalesce(acknowledged_at, %(at)s),
    acknowledged_by = CASE WHEN acknowledged_at IS NULL THEN %(by)s ELSE acknowledged_by END
WHERE id = %(id)s
RETURNING id, account, role, student_id, reason, request_id, opened_at, expires_at, acknowledged_at, acknowledged_by,
    kind, about

-- name: break_glass_flagged
-- How many grants no administrator has acknowledged.
SELECT count(*) FROM break_glass WHERE acknowledged_at IS NULL
