-- The courses in which the student has events.
SELECT DISTINCT course_id FROM student_days WHERE student_id = {student:UUID} AND course_id != ''
