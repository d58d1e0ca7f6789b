-- One row per course with any event.
SELECT
    course_id,
    countIf(NOT gone) AS learners_enrolled,
    countIf(class.days_active > 0) AS active_learners,
    sum(class.time_spent) AS time_spent,
    avgOrNullIf(class.completion_pct, NOT gone) AS completion_pct,
    avgOrNullIf(results.score_pct, NOT gone AND notEmpty(scores)) AS score_pct,
    count() OVER () AS total_rows
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS class
LEFT JOIN learner_scores(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS results
    USING (course_id, student_id)
GROUP BY course_id
ORDER BY
    if({down:Bool}, NULL, {sort:Identifier}) ASC NULLS LAST,
    if({down:Bool}, {sort:Identifier}, NULL) DESC NULLS LAST,
    course_id
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
