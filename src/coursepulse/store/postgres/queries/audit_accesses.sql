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
            -- A manager's list holds nobody who did not share with an employer then.
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
  -- What students look at themselves, as far as the identity provider says that it is they who look.
  AND NOT (
      role = 'student'
      AND actor IN (
          SELECT 'account:' || account_id FROM accounts WHERE student_id = %(student)s::uuid AND confirmed
      )
  )
  AND (%(after)s::bigint IS NULL OR number < %(after)s)
ORDER BY number DESC
LIMIT %(limit)s
