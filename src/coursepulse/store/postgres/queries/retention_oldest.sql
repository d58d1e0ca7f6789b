-- The oldest raw event day and the oldest academic record that are left.
SELECT
    (SELECT min(to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD')) FROM pg_inherits
     WHERE inhparent = 'student_activity_events'::regclass)::timestamptz,
    (SELECT min(at) FROM academic_records)
