-- The audit trail.

-- name: audit_find
-- Entries that match a search, newest first.
SELECT number, at, actor, role, tag, subject, purpose, request_id, address, detail, hash
FROM audit_trail
WHERE (%(actor)s = '' OR actor = %(actor)s)
  AND (%(subject)s = '' OR subject IN (%(subject)s, %(hidden)s))
  AND (%(tag)s = '' OR starts_with(tag, %(tag)s))
  AND (%(start)s::timestamptz IS NULL OR at >= %(start)s)
  AND (%(end)s::timestamptz IS NULL OR at < %(end)s)
  AND (%(after)s::bigint IS NULL OR number < %(after)s)
  AND (%(text)s = '' OR strpos(lower(concat_ws(' ', actor, tag, subject, purpose, detail)), lower(%(text)s)) > 0)
ORDER BY number DESC
LIMIT %(limit)s

-- name: audit_lists
-- The classes and teams of a student, in whose lists the student appears.
SELECT 'course' AS kind, course_id AS id FROM course_members WHERE student_id = %(student)s::uuid
UNION
SELECT 'course', course_id FROM enrolments WHERE student_id = %(student)s::uuid AND status = 'active'
UNION
SELECT 'team', team_id FROM team_people WHERE student_id = %(student)s::uuid AND NOT manages

-- name: audit_accesses
-- Entries of others about one student or about a list of a class or team that the student is in, newest first.
SELECT number, at, actor, role, tag, subject, purpose, request_id, address, detail, hash
FROM audit_trail
WHERE (
        subject = %(subject)s
        OR (
            subject = ANY(%(courses)s)
            AND tag IN ('metrics:course:read', 'metrics:course:export')
            AND split_part(detail, ' ', 1) = ANY(%(lists)s)
        )
        OR (
            subject = ANY(%(teams)s)
            AND tag IN ('metrics:team:read', 'metrics:team:export')
            AND split_part(detail, ' ', 1) = ANY(%(lists)s)
            -- A manager's list contained only people who shared with an employer at that time.
            AND (
                role <> 'manager'
                OR coalesce((
                    SELECT granted
                    FROM consents
                    WHERE student_id = %(student)s::uuid AND purpose = 'employer_sharing' AND recorded_at <= at
                    ORDER BY recorded_at DESC, seq DESC
                    LIMIT 1
                ), false)
            )
        )
    )
  -- Without accesses of students to their own records, if the identity provider says who they are.
  AND NOT (
      role = 'student'
      AND actor IN (
          SELECT 'account:' || account_id FROM accounts WHERE student_id = %(student)s::uuid AND confirmed
      )
  )
  AND (%(after)s::bigint IS NULL OR number < %(after)s)
ORDER BY number DESC
LIMIT %(limit)s

-- name: audit_beginning
-- The newest entry about pruning: the beginning of the chain.
SELECT detail FROM audit_trail WHERE tag = 'audit:trail:pruned' ORDER BY number DESC LIMIT 1

-- name: audit_walk
-- Every entry in the order of the chain.
SELECT number, at, actor, role, tag, subject, purpose, request_id, address, detail, hash
FROM audit_trail
ORDER BY number

-- name: audit_lock
-- Allow one writer of the trail at a time across processes. The number spells "audit" in ASCII.
SELECT pg_advisory_xact_lock(418581342580)

-- name: audit_prunable
-- The last of the oldest entries that are all older than a moment.
SELECT number, hash
FROM audit_trail
WHERE number < coalesce(
    (SELECT min(number) FROM audit_trail WHERE at >= %(before)s),
    (SELECT max(number) + 1 FROM audit_trail)
)
ORDER BY number DESC
LIMIT 1

-- name: audit_prune
-- Delete the entries up to a number; returns how many.
SELECT prune_audit_trail(%(through)s)

-- name: audit_stream
-- The next entries that match a search, oldest first: after one number and up to another.
SELECT number, at, actor, role, tag, subject, purpose, request_id, address, detail, hash
FROM audit_trail
WHERE (%(actor)s = '' OR actor = %(actor)s)
  AND (%(subject)s = '' OR subject IN (%(subject)s, %(hidden)s))
  AND (%(tag)s = '' OR starts_with(tag, %(tag)s))
  AND (%(start)s::timestamptz IS NULL OR at >= %(start)s)
  AND (%(end)s::timestamptz IS NULL OR at < %(end)s)
  AND (%(after)s::bigint IS NULL OR number < %(after)s)
  AND number > %(behind)s
  AND number <= %(upto)s
  AND (%(text)s = '' OR strpos(lower(concat_ws(' ', actor, tag, subject, purpose, detail)), lower(%(text)s)) > 0)
ORDER BY number
LIMIT %(limit)s

-- name: audit_head
-- The newest entry of the trail.
SELECT number, hash FROM audit_trail ORDER BY number DESC LIMIT 1

-- name: audit_at_number
-- The hash of one entry.
SELECT hash FROM audit_trail WHERE number = %(number)s

-- name: audit_add
-- Append one entry; its number and hash were made under the lock.
INSERT INTO audit_trail (number, at, actor, role, tag, subject, purpose, request_id, address, detail, hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
