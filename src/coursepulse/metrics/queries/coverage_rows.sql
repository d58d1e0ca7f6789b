-- The mean watched % of each learner.
SELECT course_id, student_id, watched_pct
FROM learner_coverage(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
