-- Progress, time and results of one student in each course.
SELECT
    course_id,
    enrolled_at,
    multiIf(declared_complete OR completion_pct = 100, 'completed', gone, 'left', 'enrolled') AS status,
    completion_pct, lessons_completed, total_lessons, time_spent, time_to_date, last_activity_at,
    if(empty(scores), NULL, score_pct) AS score_pct,
    watched_pct
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS mine
LEFT JOIN learner_scores(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS results
    USING (course_id, student_id)
LEFT JOIN learner_coverage(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS coverage
    USING (course_id, student_id)
ORDER BY last_activity_at DESC NULLS LAST, course_id
