-- Erased students, whose consents hold no more.

-- name: campus_lock_consents
-- Lets one writer of consents at a time through.
-- Numbers are drawn before the commit: without the lock a row could appear behind one that a reader has passed.
LOCK TABLE consents IN SHARE ROW EXCLUSIVE MODE

-- name: erasure_bury
-- Remembers that a student was erased, so that consents given before hold no more.
INSERT INTO erased_students (tombstone, erased_at) VALUES (%(tombstone)s, %(at)s)
ON CONFLICT (tombstone) DO UPDATE SET erased_at = excluded.erased_at

-- name: erasure_withdraw
-- Takes every consent back, for the collectors of other machines, which learn of it as of any other decision.
INSERT INTO consents (student_id, purpose, granted, source, recorded_at)
SELECT %(student)s, purpose, false, 'erasure', %(at)s
FROM unnest(%(purposes)s::text[]) AS purpose
WHERE NOT EXISTS (
    SELECT FROM consents AS old
    WHERE old.student_id = %(student)s AND old.purpose = purpose AND old.source = 'erasure' AND old.recorded_at = %(at)s
)
