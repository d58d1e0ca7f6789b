-- Whom the roster has taken out of a course, and of some students whom it has in.
SELECT student_id, holds
FROM (
    SELECT
        student_id,
        status = 'active'
            AND %(today)s >= coalesce(starts_on, '-infinity')
            AND %(today)s <= coalesce(ends_on, 'infinity') AS holds
    FROM enrolments
    WHERE course_id = %(course)s
) AS listed
WHERE NOT holds OR student_id = ANY(%(students)s)
