-- The courses in which a student has any event.
SELECT groupUniqArray(course_id) AS courses
FROM student_days
WHERE student_id = {student:UUID} AND course_id != '' AND ({course:String} = '' OR course_id = {course:String})
