-- Each class as a whole.
SELECT
    course_id, learners_enrolled, active_learners, time_spent, completion_pct, score_pct,
    with_completion, with_score
FROM
(
    SELECT course_id, countIf(NOT gone) AS learners_enrolled
    FROM members(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
    GROUP BY course_id
) AS enrolled
LEFT JOIN
(
    SELECT
        course_id,
        countIf(class.days_active > 0) AS active_learners,
        sum(class.time_spent) AS time_spent,
        avgOrNullIf(class.completion_pct, NOT gone) AS completion_pct,
        avgOrNullIf(class.score_pct, NOT gone) AS score_pct,
        -- how many are behind each mean
        countIf(NOT gone AND class.completion_pct IS NOT NULL) AS with_completion,
        countIf(NOT gone AND class.score_pct IS NOT NULL) AS with_score
    FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS class
    WHERE student_id NOT IN {apart:Array(UUID)}
    GROUP BY course_id
) AS behaviour USING (course_id)
ORDER BY course_id
