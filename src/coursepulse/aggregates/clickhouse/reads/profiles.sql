-- What profiles are made of.

-- name: profile_courses
-- Each course of some students: when it was joined, whether it was left, and when it was completed.
SELECT student_id, course_id, enrolled_at, gone, completion_pct = 100 AS all_lessons, declared_at, last_lesson_on
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {end:Date}, end = {end:Date})

-- name: profile_answers
-- Answers of some students that came with a verdict, in per cent correct.
SELECT student_id, 100 * countIf(correct) / count() AS accuracy
FROM quiz_answers FINAL
WHERE course_id IN {courses:Array(String)} AND student_id IN {students:Array(UUID)} AND correct IS NOT NULL
GROUP BY student_id

-- name: profile_students
-- The next students who agree, by id, each with the version of the newest of its days, 0 when the roster alone names them.
-- Each half in the order of its table, so that a page reads little more than itself.
SELECT student_id, max(newest) AS version
FROM
(
    SELECT student_id, max(version) AS newest
    FROM student_days
    WHERE student_id > {after:UUID} AND student_id NOT IN (SELECT student_id FROM not_agreed FINAL)
    GROUP BY student_id
    ORDER BY student_id
    LIMIT {some:UInt32}
    UNION ALL
    SELECT DISTINCT student_id, toUInt64(0) AS newest
    FROM roster_enrolments
    WHERE student_id > {after:UUID} AND student_id NOT IN (SELECT student_id FROM not_agreed FINAL)
    ORDER BY student_id
    LIMIT {some:UInt32}
)
GROUP BY student_id
ORDER BY student_id
LIMIT {some:UInt32}
SETTINGS optimize_aggregation_in_order = 1

-- name: profile_left
-- Which of some students do not agree to analytics.
SELECT student_id FROM not_agreed FINAL WHERE student_id IN {students:Array(UUID)}

-- name: profile_days
-- What the days of some students add up to, over all courses.
SELECT
    student_id,
    any(people.zone) AS zone,
    groupArrayIf((day, quarter_hours), notEmpty(quarter_hours)) AS quarters,
    sum(micros) / 1e6 AS seconds,
    uniqExactIf(day, learning_events > 0) AS days_active,
    max(last_learning_at) AS last_activity_at,
    groupUniqArrayIf(course_id, course_id != '') AS courses
FROM
(
    SELECT
        student_id, course_id, day, quarter_hours, learning_events, last_learning_at,
        time_video + time_quiz + time_reading AS micros
    FROM student_days FINAL
    WHERE student_id IN {students:Array(UUID)}
    UNION ALL
    -- who has done nothing yet
    SELECT student_id, course_id, toDate(0), [], 0, NULL, 0
    FROM roster_enrolments FINAL
    WHERE student_id IN {students:Array(UUID)}
) AS days
LEFT JOIN
(
    SELECT student_id, time_zone AS zone FROM students FINAL WHERE student_id IN {students:Array(UUID)}
) AS people USING (student_id)
WHERE student_id NOT IN (SELECT student_id FROM not_agreed FINAL)
GROUP BY student_id
