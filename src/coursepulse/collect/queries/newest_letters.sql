-- Letters that wait, newest first, of one reason or of all.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE replayed_at IS NULL AND (:reason IS NULL OR reason = :reason)
ORDER BY id DESC LIMIT :limit
