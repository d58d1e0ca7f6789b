-- How people study. What counts as a habit is in finish/habits.py, how a class is divided by habits in definitions/patterns.py.

-- name: study_habits
-- How each learner of some courses has studied in a period: days and hours with learning, time on task, days with a discussion,
-- lessons in the order in which they were begun, what was played, at which speed, and what of it again.
WITH
    days AS
    (
        SELECT
            course_id, student_id,
            toInt64(count()) AS active_days,
            toInt64(dateDiff('day', min(day), {end:Date})) AS known_days,
            sum(time_video + time_quiz + time_reading) / 1e6 AS time_spent,
            arraySort(groupArrayArray(arrayMap(quarter -> toInt64(86400) * toInt64(day) + 900 * quarter, quarter_hours))) AS quarters,
            toInt64(countIf(forum_posts + forum_replies + forum_views > 0)) AS discussion_days
        FROM student_course_days FINAL
        WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
            AND day >= {start:Date} AND day < {end:Date} AND learning_events > 0
            AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
        GROUP BY course_id, student_id
    ),
    begun AS
    (
        SELECT
            course_id, student_id,
            arrayFilter(place -> place > 0, arrayMap(
                each -> toInt64(indexOf(orders.lessons, each.2)),
                arraySort(arrayMap(each -> (each.started_on, each.lesson_id), arrayFilter(
                    each -> each.started_on >= {start:Date} AND each.started_on < {end:Date}, known.lessons))))) AS unsorted,
            -- Of a day only the days are known, so lessons begun on the same day count as begun in order.
            arraySort(place -> (arrayFirst(each -> each.lesson_id = orders.lessons[place], known.lessons).started_on, place), unsorted) AS places
        FROM learner_courses AS known FINAL
        INNER JOIN course_orders AS orders FINAL USING (course_id)
        WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    ),
    played AS
    (
        SELECT
            course_id, student_id,
            sum(arrayLast(step -> step.day < {end:Date}, steps).covered - arrayLast(step -> step.day < {start:Date}, steps).covered) AS covered,
            sum(arrayLast(step -> step.day < {end:Date}, steps).repeated - arrayLast(step -> step.day < {start:Date}, steps).repeated) AS repeated
        FROM learner_watch FINAL
        WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        GROUP BY course_id, student_id
    ),
    speeds AS
    (
        SELECT course_id, student_id, avg(rate) AS speed
        FROM course_acts FINAL
        WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
            AND event_type IN ('video_play', 'video_rate_change') AND rate IS NOT NULL
            AND at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
        GROUP BY course_id, student_id
    )
SELECT
    days.student_id AS student_id, days.course_id AS course_id, active_days, known_days, time_spent, quarters, discussion_days,
    zones.time_zone AS zone,
    toInt64(greatest(toInt64(length(places)) - 1, 0)) AS moves,
    toInt64(arrayCount(step -> step >= 0, arrayPopFront(arrayDifference(places)))) AS onward,
    ifNull(played.covered, 0.) AS covered, ifNull(played.repeated, 0.) AS repeated,
    speeds.speed AS speed
FROM days
LEFT JOIN begun ON begun.course_id = days.course_id AND begun.student_id = days.student_id
LEFT JOIN played ON played.course_id = days.course_id AND played.student_id = days.student_id
LEFT JOIN speeds ON speeds.course_id = days.course_id AND speeds.student_id = days.student_id
LEFT JOIN (SELECT student_id, time_zone FROM students FINAL) AS zones ON zones.student_id = days.student_id
ORDER BY course_id, student_id
SETTINGS join_use_nulls = 0
