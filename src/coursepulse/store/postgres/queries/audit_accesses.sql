-- Entries about one subject, newest first.
SELECT number, at, actor, role, tag, subject, purpose, request_id, address, detail, hash
FROM audit_trail
WHERE subject = %(subject)s AND (%(after)s::bigint IS NULL OR number < %(after)s)
ORDER BY number DESC
LIMIT %(limit)s
