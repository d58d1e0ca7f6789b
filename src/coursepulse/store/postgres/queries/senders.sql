-- What senders sent.

-- name: sender_counts_add
-- Add counts to those of before, and delete counts past their retention.
WITH gone AS (DELETE FROM sender_counts WHERE day < %(oldest)s)
INSERT INTO sender_counts AS kept (day, sender, what, number)
SELECT * FROM unnest(%(days)s::date[], %(senders)s::text[], %(whats)s::text[], %(numbers)s::bigint[]) AS told (day, sender, what, number)
WHERE told.day >= %(oldest)s
ON CONFLICT (sender, day, what) DO UPDATE SET number = kept.number + excluded.number
