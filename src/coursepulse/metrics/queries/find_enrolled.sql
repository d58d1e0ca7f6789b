-- Whether a student is in a course: enrolled and not left, or learning there without any enrolment.
-- That rests on contract: it does not depend on consent.
SELECT NOT gone AS enrolled
FROM learner_totals(courses = [{course:String}], students = {students:Array(UUID)}, start = {end:Date}, end = {end:Date}) AS totals
LEFT JOIN learner_enrolments(courses = [{course:String}], students = {students:Array(UUID)}, end = {end:Date}) AS enrolled
    USING (course_id, student_id)
WHERE (enrolled_at IS NOT NULL OR notEmpty(active_dates))
    AND student_id NOT IN (SELECT student_id FROM no_learners)
