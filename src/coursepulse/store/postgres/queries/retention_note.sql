-- Writes down that something was older than its retention and went.
INSERT INTO retention_runs (at, what, removed, oldest_left) VALUES (%(at)s, %(what)s, %(removed)s, %(oldest_left)s)
