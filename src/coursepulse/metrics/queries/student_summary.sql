-- One student's days as compact arrays, from which streak and consistency follow, and sums over all courses.
WITH
    days AS
    (
        SELECT * FROM student_days FINAL
        WHERE student_id = {student:UUID} AND day < {end:Date} AND ({course:String} = '' OR course_id = {course:String})
    ),
    (
        SELECT (countIf(NOT gone), countIf(declared_complete OR completion_pct = 100), avgOrNullArray(scores))
        FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {end:Date}, end = {end:Date})
    ) AS courses
SELECT
    {student:UUID} AS student_id,
    (SELECT max(zone.time_zone) FROM students AS zone FINAL WHERE zone.student_id = {student:UUID}) AS zone,
    courses.1 AS courses_enrolled,
    courses.2 AS courses_completed,
    courses.3 AS score_pct,
    groupArrayIf((day, quarter_hours), notEmpty(quarter_hours)) AS quarters,
    sum(time_video + time_quiz + time_reading) / 1e6 AS time_to_date,
    sumIf(time_video + time_quiz + time_reading, day >= {start:Date}) / 1e6 AS time_spent,
    sumIf(time_video + time_quiz + time_reading, day >= {end:Date} - 7) / 1e6 AS time_week,
    sumIf(time_video + time_quiz + time_reading, day >= {end:Date} - 14 AND day < {end:Date} - 7) / 1e6 AS time_week_before,
    uniqExactIf(day, learning_events > 0 AND day >= {start:Date}) AS days_active,
    length(arrayDistinct(arrayFlatten(
        groupArrayIf(arrayMap(lesson -> (course_id, lesson), lessons_completed), day >= {start:Date})))) AS lessons_completed,
    max(last_learning_at) AS last_activity_at
FROM days
