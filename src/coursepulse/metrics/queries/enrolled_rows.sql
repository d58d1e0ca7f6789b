-- How many learners are in each of some courses: that rests on contract and does not depend on consent.
SELECT course_id, count() AS learners_enrolled
FROM learner_totals(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS totals
LEFT JOIN learner_enrolments(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS enrolled
    USING (course_id, student_id)
WHERE (enrolled_at IS NOT NULL OR notEmpty(active_dates)) AND NOT gone
    AND student_id NOT IN (SELECT student_id FROM no_learners)
GROUP BY course_id
