-- Letters that wait, newest first, of one reason or of all, and of one sender or of all.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE replayed_at IS NULL AND (:reason IS NULL OR reason = :reason) AND (:source IS NULL OR source = :source)
ORDER BY id DESC LIMIT :limit
