-- How good the data of senders are.

-- name: sender_counts
-- What was counted of each sender in a period.
SELECT sender, what, sum(number)::bigint AS number, max(day) AS last_day
FROM sender_counts
WHERE day >= %(start)s AND day < %(end)s
GROUP BY sender, what
ORDER BY sender, what
