-- Notes that a delivery names enrolments: those of a course, or all of a person where no course is said.
UPDATE enrolments AS e
SET source = %(source)s, delivery = %(delivery)s
FROM (
    SELECT DISTINCT course_id, student_id
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, student_id uuid)
) AS seen
WHERE e.student_id = seen.student_id
    AND (e.course_id = seen.course_id OR (seen.course_id = '' AND e.source = %(source)s))
