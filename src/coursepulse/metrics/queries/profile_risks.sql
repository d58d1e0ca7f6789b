-- The highest risk of some students over the courses that they are in.
SELECT student_id, max(risk_score) AS risk
FROM learner_risk(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}, now = {now:DateTime64(6, 'UTC')})
GROUP BY student_id
