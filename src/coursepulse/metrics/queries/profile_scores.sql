-- The mean over all assessments of the best results of some students.
SELECT student_id, avg(best) AS score_pct
FROM learner_results(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
WHERE best IS NOT NULL
GROUP BY student_id
