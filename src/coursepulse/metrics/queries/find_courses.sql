-- The courses in which a student has any event by the end of the period, and whether numbers about the student's
-- behaviour may be shown at all.
SELECT
    groupUniqArray(course_id) AS courses,
    (SELECT count() = 0 FROM not_agreed FINAL WHERE student_id = {student:UUID}) AS agreed
FROM student_days
WHERE student_id = {student:UUID} AND course_id != '' AND day < {end:Date} AND ({course:String} = '' OR course_id = {course:String})
