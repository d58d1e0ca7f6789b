-- Learners, time, completion and performance of one course.
SELECT
    {course:String} AS course_id,
    countIf(NOT gone) AS learners_enrolled,
    countIf(days_active > 0) AS active_learners,
    sum(time_spent) AS time_spent,
    avgOrNullIf(completion_pct, NOT gone) AS completion_pct,
    avgOrNullIf(score_pct, NOT gone AND notEmpty(scores)) AS score_pct,
    avgOrNullIf(watched_pct, NOT gone) AS watched_pct
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS class
LEFT JOIN learner_scores(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS results
    USING (course_id, student_id)
LEFT JOIN learner_coverage(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS coverage
    USING (course_id, student_id)
