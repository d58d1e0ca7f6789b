-- Tombstones of erased students, whose consents no longer hold.

-- name: campus_lock_consents
-- Allows one writer of consents at a time.
-- Numbers are drawn before the commit: without the lock, a row could appear before one that a reader has already read.
LOCK TABLE consents IN SHARE ROW EXCLUSIVE MODE

-- name: erasure_leave_tombstone
-- Leaves a tombstone for an erased student, so that earlier consents no longer hold.
INSERT INTO erased_students (tombstone, erased_at) VALUES (%(tombstone)s, %(at)s)
ON CONFLICT (tombstone) DO UPDATE SET erased_at = excluded.erased_at

-- name: erasure_withdraw
-- Withdraws every consent, for collectors on other machines, which receive this like any other decision.
INSERT INTO consents (student_id, purpose, granted, source, recorded_at)
SELECT %(student)s, purpose, false, 'erasure', %(at)s
FROM unnest(%(purposes)s::text[]) AS purpose
WHERE NOT EXISTS (
    SELECT FROM consents AS old
    WHERE old.student_id = %(student)s AND old.purpose = purpose AND old.source = 'erasure' AND old.recorded_at = %(at)s
)
