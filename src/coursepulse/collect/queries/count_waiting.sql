-- How many letters of one sender or of all wait, by reason.
SELECT reason, count(*) FROM letters
WHERE replayed_at IS NULL AND (:source IS NULL OR source = :source)
GROUP BY reason
