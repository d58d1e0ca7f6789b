-- The letters of a JSON array of ids that still wait, oldest first.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE replayed_at IS NULL AND id IN (SELECT value FROM json_each(:ids))
ORDER BY id
