-- One student of a course, with many days in it.
SELECT student_id FROM student_course_days WHERE course_id = {course:String}
GROUP BY student_id ORDER BY count() DESC, student_id LIMIT 1
