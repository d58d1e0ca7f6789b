-- Enrolments for the metrics.

-- name: enrolments_newest
-- The number of the latest change of enrolments.
SELECT revision FROM enrolment_revision

-- name: enrolments_count
-- How many enrolments have this change as their last.
SELECT count(*) FROM enrolments WHERE revision = %(revision)s

-- name: enrolments_changed
-- The enrolments that were changed after one change and up to another, in the order of the changes.
-- Days are kept within the range of a date column; GREATEST alone would turn null into a day.
SELECT
    e.course_id,
    e.student_id,
    CASE WHEN e.starts_on IS NOT NULL THEN greatest(least(e.starts_on, '2149-06-01'), '1970-01-01') END AS starts_on,
    greatest(least(e.told_on, c.starts_on), '1970-01-01') AS known_on,
    CASE WHEN e.ends_on < '2149-06-01' OR e.ended_on IS NOT NULL
         THEN greatest(least(CASE WHEN e.ends_on < '2149-06-01' THEN e.ends_on + 1 END, e.ended_on), '1970-01-01')
    END AS left_on,
    e.revision
FROM enrolments AS e
JOIN courses AS c USING (course_id)
WHERE e.revision > %(after)s AND e.revision <= %(up_to)s
ORDER BY e.revision
