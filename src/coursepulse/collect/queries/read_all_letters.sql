-- A handful of letters, oldest first, also of those that were replayed.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE id > :after
ORDER BY id LIMIT :some
