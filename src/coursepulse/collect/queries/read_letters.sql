-- A handful of letters that wait, oldest first.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE replayed_at IS NULL AND id > :after
ORDER BY id LIMIT :some
