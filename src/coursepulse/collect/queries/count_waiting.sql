-- How many letters wait, by reason.
SELECT reason, count(*) FROM letters WHERE replayed_at IS NULL GROUP BY reason
