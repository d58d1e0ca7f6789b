-- Whether a course has ended, and whether the enrolments on the roster of some students in it hold today.
SELECT
    coalesce((SELECT ends_on FROM courses WHERE course_id = %(course)s) < %(today)s, false) AS course_ended,
    student_id,
    status = 'active'
        AND %(today)s >= coalesce(starts_on, '-infinity')
        AND %(today)s <= coalesce(ends_on, 'infinity') AS holds
FROM (SELECT) AS always
LEFT JOIN enrolments ON course_id = %(course)s AND student_id = ANY(%(students)s)
