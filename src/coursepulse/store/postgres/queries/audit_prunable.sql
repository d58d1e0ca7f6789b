-- The last of the oldest entries that are all older than a moment.
SELECT number, hash
FROM audit_trail
WHERE number < coalesce(
    (SELECT min(number) FROM audit_trail WHERE at >= %(before)s),
    (SELECT max(number) + 1 FROM audit_trail)
)
ORDER BY number DESC
LIMIT 1
