-- Writes who is in which course from when to when, new or changed.
-- In the order of the key: two writers that share rows wait for each other instead of deadlocking.
INSERT INTO enrolments (course_id, student_id, status, starts_on, ends_on, source, delivery, ended_on, revision)
SELECT
    course_id, student_id, status, starts_on, ends_on, %(source)s, %(delivery)s,
    CASE status WHEN 'ended' THEN (now() AT TIME ZONE 'UTC')::date END,
    (SELECT revision FROM enrolment_revision)
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, student_id uuid, status text, starts_on date, ends_on date
)
ORDER BY course_id, student_id
ON CONFLICT (course_id, student_id) DO UPDATE SET
    status = excluded.status,
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on,
    source = excluded.source,
    delivery = excluded.delivery,
    ended_on = CASE excluded.status WHEN 'ended' THEN coalesce(enrolments.ended_on, excluded.ended_on) END,
    revision = CASE
        WHEN (enrolments.status, enrolments.starts_on, enrolments.ends_on)
            IS DISTINCT FROM (excluded.status, excluded.starts_on, excluded.ends_on) THEN excluded.revision
        ELSE enrolments.revision
    END
