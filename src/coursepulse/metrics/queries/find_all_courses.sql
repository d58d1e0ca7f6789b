-- Every course with any event, or with anybody whom the roster names.
SELECT groupUniqArray(course_id) AS courses
FROM
(
    SELECT course_id FROM active_days WHERE course_id != ''
    UNION ALL
    SELECT course_id FROM roster_enrolments
)
