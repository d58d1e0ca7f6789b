-- Keep one refused event.
INSERT INTO letters (received_at, source, reason, event_id, path, sentence, body) VALUES (?, ?, ?, ?, ?, ?, ?)
