-- The next entries that fit a search, oldest first: those behind one number and up to another.
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
