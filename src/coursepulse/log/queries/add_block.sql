-- Add one block of events.
INSERT INTO blocks (position, appended_at, events, total, body) VALUES (?, ?, ?, ?, ?)
