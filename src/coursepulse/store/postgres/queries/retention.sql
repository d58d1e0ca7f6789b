-- What retention has removed.

-- name: retention_note
-- Records that data past its retention was removed.
INSERT INTO retention_runs (at, what, removed, oldest_left) VALUES (%(at)s, %(what)s, %(removed)s, %(oldest_left)s)

-- name: retention_list
-- What retention has removed, newest first.
SELECT at, what, removed, oldest_left FROM retention_runs ORDER BY run_id DESC LIMIT %(limit)s

-- name: retention_oldest
-- The oldest raw event day and the oldest academic record that are left.
SELECT
    (SELECT min(to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD')) FROM pg_inherits
     WHERE inhparent = 'student_activity_events'::regclass)::timestamptz,
    (SELECT min(at) FROM academic_records)
