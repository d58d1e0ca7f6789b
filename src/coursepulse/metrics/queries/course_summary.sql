-- A class as a whole.
SELECT
    {course:String} AS course_id,
    (
        SELECT countIf(NOT gone)
        FROM members(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
    ) AS learners_enrolled,
    countIf(class.days_active > 0) AS active_learners,
    sum(class.time_spent) AS time_spent,
    avgOrNullIf(class.completion_pct, NOT gone) AS completion_pct,
    avgOrNullIf(class.score_pct, NOT gone) AS score_pct,
    avgOrNullIf(coverage.watched_pct, NOT gone) AS watched_pct
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS class
LEFT JOIN learner_coverage(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS coverage
    USING (course_id, student_id)
