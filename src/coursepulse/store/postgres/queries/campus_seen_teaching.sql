-- Notes that a delivery names who teaches what: in a course, or all of a person where no course is said.
UPDATE teaching AS t
SET source = %(source)s, delivery = %(delivery)s
FROM (
    SELECT DISTINCT course_id, student_id
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (course_id text, student_id uuid)
) AS seen
WHERE t.teacher_id = seen.student_id
    AND NOT t.listed
    AND (t.course_id = seen.course_id OR (seen.course_id = '' AND t.source = %(source)s))
