-- The courses in which a student is listed or has any event by the end of the period, and whether numbers about the student's
-- behaviour may be shown at all.
SELECT
    groupUniqArray(course_id) AS courses,
    (SELECT count() = 0 FROM not_agreed FINAL WHERE student_id = {student:UUID}) AS agreed
FROM
(
    SELECT course_id FROM student_days WHERE student_id = {student:UUID} AND course_id != '' AND day < {end:Date}
    UNION ALL
    SELECT course_id FROM roster_enrolments FINAL
    WHERE student_id = {student:UUID} AND ifNull(starts_on, known_on) < {end:Date}
)
WHERE {course:String} = '' OR course_id = {course:String}
