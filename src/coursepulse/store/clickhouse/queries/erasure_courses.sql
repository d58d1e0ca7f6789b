-- The courses in which the student has events or is listed.
SELECT DISTINCT course_id FROM student_days WHERE student_id = {student:UUID} AND course_id != ''
UNION DISTINCT
SELECT course_id FROM roster_enrolments WHERE student_id = {student:UUID}
