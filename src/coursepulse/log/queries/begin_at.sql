-- Give a new log its first position.
INSERT OR IGNORE INTO newest (only, position, total) VALUES (1, :position, 0)
