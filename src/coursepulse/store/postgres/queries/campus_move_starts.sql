-- Enrolments without a first day begin with their course: those of courses that are about to begin on another day.
UPDATE enrolments AS e
SET revision = (SELECT revision FROM enrolment_revision)
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, starts_on date)
JOIN courses AS c USING (course_id)
WHERE e.course_id = c.course_id AND e.starts_on IS NULL AND c.starts_on IS DISTINCT FROM given.starts_on
