-- Writes who teaches which course from when to when, new or changed.
-- In the order of the key: two writers that share rows wait for each other instead of deadlocking.
INSERT INTO teaching (course_id, teacher_id, starts_on, ends_on, listed, source, delivery)
SELECT course_id, teacher_id, starts_on, ends_on, false, %(source)s, %(delivery)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, teacher_id uuid, starts_on date, ends_on date
)
ORDER BY teacher_id, course_id
ON CONFLICT (teacher_id, course_id) DO UPDATE SET
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on,
    listed = false,
    source = excluded.source,
    delivery = excluded.delivery
