-- What the conditions about courses look at.

-- name: lesson_stops
-- For each lesson of some courses, who began it and who goes no further: has neither completed it nor begun a later one,
-- and has left, or not learned since a day. Not those who completed the course by the platform's word.
WITH places AS
(
    SELECT course_id, lesson_id, place
    FROM course_orders FINAL
    ARRAY JOIN lessons AS lesson_id, arrayEnumerate(lessons) AS place
    WHERE course_id IN {courses:Array(String)} AND cataloged
)
SELECT course_id, any(lesson_id) AS lesson_id, place, count() AS began, countIf(stopped) AS stopped
FROM
(
    SELECT
        began.course_id AS course_id,
        began.lesson_id AS lesson_id,
        places.place AS place,
        NOT completed AND quiet AND place = max(place) OVER (PARTITION BY course_id, student_id) AS stopped
    FROM
    (
        SELECT
            course_id, student_id,
            lesson.lesson_id AS lesson_id,
            lesson.completed_on < toDate(65535) AS completed,
            declared_at IS NULL
                AND (steps[-1].gone OR steps[-1].last_learning_at < toDateTime64({quiet_since:Date}, 6, 'UTC')) AS quiet
        FROM learner_courses FINAL
        ARRAY JOIN lessons AS lesson
        WHERE course_id IN {courses:Array(String)} AND student_id NOT IN (SELECT student_id FROM left_out)
    ) AS began
    INNER JOIN places USING (course_id, lesson_id)
)
GROUP BY course_id, place
ORDER BY course_id, place

-- name: question_answers
-- For each question of some courses, learners with an answer since a moment that came with a verdict, and with a right one.
SELECT course_id, assessment_id, question_id, count() AS answered, countIf(ever_right) AS right
FROM
(
    SELECT course_id, assessment_id, question_id, student_id, max(assumeNotNull(correct)) AS ever_right
    FROM quiz_answers
    WHERE course_id IN {courses:Array(String)} AND at >= {answers_since:DateTime64(6, 'UTC')}
        AND correct IS NOT NULL AND assessment_id != '' AND question_id != ''
        AND student_id NOT IN (SELECT student_id FROM left_out)
    GROUP BY course_id, assessment_id, question_id, student_id
)
GROUP BY course_id, assessment_id, question_id
ORDER BY course_id, assessment_id, question_id

-- name: finished
-- How many learners of some courses completed them since a moment: by the platform's word, or with the last lesson.
SELECT course_id, countIf(finished_at >= {week_at:DateTime64(6, 'UTC')}) AS finished
FROM
(
    SELECT
        course_id,
        coalesce(declared_at, if(
            notEmpty(list) AND length(arrayIntersect(done.lesson_id, list)) = length(list),
            toDateTime64(arrayMax(arrayFilter(lesson -> has(list, lesson.lesson_id), done).completed_on), 6, 'UTC'),
            NULL)) AS finished_at
    FROM
    (
        SELECT course_id, declared_at, arrayFilter(lesson -> lesson.completed_on < toDate(65535), lessons) AS done, orders.list AS list
        FROM learner_courses FINAL
        LEFT JOIN
        (
            SELECT course_id, lessons AS list FROM course_orders FINAL WHERE cataloged
        ) AS orders USING (course_id)
        WHERE course_id IN {courses:Array(String)} AND student_id NOT IN (SELECT student_id FROM no_learners)
    )
)
GROUP BY course_id

-- name: busy_hours
-- The hours of the week (0 is Monday 00:00 UTC) in which every course had learners in each of four weeks, and the least
-- number of them. Times are those of learning; four weeks of whole days before {today:Date}.
SELECT course_id, hour, min(learners) AS least
FROM
(
    SELECT
        course_id,
        intDiv(dateDiff('day', day, {today:Date}) - 1, 7) AS week,
        24 * (toDayOfWeek(day) - 1) + intDiv(quarter, 4) AS hour,
        uniqExact(student_id) AS learners
    FROM student_course_days FINAL
    ARRAY JOIN quarter_hours AS quarter
    WHERE day >= {today:Date} - 28 AND day < {today:Date} AND course_id != ''
    GROUP BY course_id, week, hour
)
GROUP BY course_id, hour
HAVING count() = 4

-- name: last_heard
-- When each course last had an event of the last days.
SELECT course_id, max(last_at) AS heard_at
FROM student_course_days
WHERE day >= {today:Date} - 7 AND course_id != ''
GROUP BY course_id

-- name: alive
-- Costs nothing, and fails when the store does not answer.
SELECT 1 AS alive
