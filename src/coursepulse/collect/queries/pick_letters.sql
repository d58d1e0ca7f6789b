-- The letters of a JSON array of ids that still wait, oldest first, of one sender or of all.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE replayed_at IS NULL AND id IN (SELECT value FROM json_each(:ids)) AND (:source IS NULL OR source = :source)
ORDER BY id
