-- The members of a team.

-- name: team_rows
-- What each of some students did in each of some periods, and how far they were at its end, over all courses.
-- The definitions of `platform_summary` and `courses`, kept apart by student.
WITH
    {periods:Array(Tuple(Date, Date))} AS periods,
    learned AS
    (
        SELECT
            student_id, nth,
            maxIf(learning_events > 0, day >= period.1) AS active,
            sumIf(time_video + time_quiz + time_reading, day >= period.1) AS micros,
            micros / 1e6 AS time_spent,
            max(last_learning_at) AS last_activity_at
        FROM student_days FINAL
        ARRAY JOIN periods AS period, arrayEnumerate(periods) AS nth
        WHERE student_id IN {students:Array(UUID)} AND day < period.2
            AND student_id NOT IN (SELECT student_id FROM left_out)
        GROUP BY student_id, nth
    ),
    standing AS
    (
        SELECT
            student_id, nth,
            sum(done) AS lessons_completed,
            countIf(here) AS courses,
            avgOrNullIf(100 * completed / nullIf(total, 0), here) AS completion_pct,
            avgOrNullIf(last.score_pct, here) AS score_pct
        FROM
        (
            SELECT
                student_id, nth,
                arrayLast(step -> step.day < period.2, steps) AS last,
                course_id != '' AND NOT last.gone
                    AND ifNull(known.enrolled_at < period.2 OR known.learned_at < period.2, false) AS here,
                if(lists.cataloged, length(lists.lessons), 0) AS total,
                length(arrayIntersect(
                    arrayFilter(lesson -> lesson.completed_on < period.2, known.lessons).lesson_id, lists.lessons
                )) AS completed,
                arrayCount(on -> on >= period.1 AND on < period.2, known.lessons.completed_on) AS done
            FROM learner_courses AS known FINAL
            LEFT JOIN course_orders AS lists FINAL USING (course_id)
            ARRAY JOIN periods AS period, arrayEnumerate(periods) AS nth
            WHERE course_id IN (
                    SELECT course_id FROM student_days WHERE student_id IN {students:Array(UUID)}
                    UNION DISTINCT
                    SELECT course_id FROM roster_enrolments WHERE student_id IN {students:Array(UUID)})
                AND student_id IN {students:Array(UUID)}
                AND student_id NOT IN (SELECT student_id FROM left_out)
        )
        GROUP BY student_id, nth
    ),
    declared AS
    (
        SELECT student_id, nth, uniqExact(course_id) AS courses_completed
        FROM enrolments
        ARRAY JOIN periods AS period, arrayEnumerate(periods) AS nth
        WHERE student_id IN {students:Array(UUID)} AND event_type = 'course_complete'
            AND at >= toDateTime64(period.1, 6, 'UTC') AND at < toDateTime64(period.2, 6, 'UTC')
        GROUP BY student_id, nth
    )
SELECT
    nth, student_id, agrees, linked, active, micros, time_spent, lessons_completed, courses_completed, courses,
    completion_pct, score_pct, last_activity_at
FROM
(
    SELECT
        student_id,
        nth,
        student_id NOT IN (SELECT student_id FROM not_agreed FINAL) AS agrees,
        student_id IN (SELECT student_id FROM student_days WHERE student_id IN {students:Array(UUID)}) AS linked
    FROM (SELECT arrayJoin({students:Array(UUID)}) AS student_id)
    ARRAY JOIN arrayEnumerate({periods:Array(Tuple(Date, Date))}) AS nth
    WHERE student_id NOT IN (SELECT student_id FROM no_learners)
) AS asked
LEFT JOIN learned USING (student_id, nth)
LEFT JOIN standing USING (student_id, nth)
LEFT JOIN declared USING (student_id, nth)
ORDER BY student_id, nth

-- name: team_learners
-- Those of some students who are learners.
SELECT arrayJoin({students:Array(UUID)}) AS student_id
WHERE student_id NOT IN (SELECT student_id FROM no_learners)
ORDER BY student_id

-- name: team_progress
-- How far each of some students is in the courses that the roster names. Completions rest on contract, so those who did not
-- agree to analytics are there too.
SELECT
    course_id,
    student_id,
    arrayMap(e -> toDate(e.at),
             arrayFilter(e -> e.event_type = 'course_complete' AND e.at < toDateTime64({end:Date}, 6, 'UTC'), enrolments)) AS declared,
    arrayFilter(l -> l.completed_on < {end:Date} AND has(lists.lessons, l.lesson_id), known.lessons).completed_on AS completed,
    if(lists.cataloged, length(lists.lessons), 0) AS total,
    arrayExists(l -> l.started_on < {end:Date} OR l.completed_on < {end:Date}, known.lessons) AS begun
FROM learner_courses AS known FINAL
LEFT JOIN course_orders AS lists FINAL USING (course_id)
WHERE course_id IN {assigned:Array(String)} AND student_id IN {students:Array(UUID)}
    AND student_id NOT IN (SELECT student_id FROM no_learners)
ORDER BY course_id, student_id

-- name: team_recent
-- How long each of some students learned in the thirty days before the end of a period, and when last.
SELECT student_id, agrees, time_spent, last_activity_at
FROM
(
    SELECT student_id, student_id NOT IN (SELECT student_id FROM not_agreed FINAL) AS agrees
    FROM (SELECT arrayJoin({students:Array(UUID)}) AS student_id)
    WHERE student_id NOT IN (SELECT student_id FROM no_learners)
) AS asked
LEFT JOIN
(
    SELECT
        student_id,
        sumIf(time_video + time_quiz + time_reading, day >= {end:Date} - 30) / 1e6 AS time_spent,
        max(last_learning_at) AS last_activity_at
    FROM student_days FINAL
    WHERE student_id IN {students:Array(UUID)} AND day < {end:Date}
        AND student_id NOT IN (SELECT student_id FROM left_out)
    GROUP BY student_id
) AS learned USING (student_id)
ORDER BY student_id

-- name: team_running
-- The courses that each of some students is in and has not completed.
SELECT student_id, course_id
FROM learner_courses AS known FINAL
LEFT JOIN course_orders AS lists FINAL USING (course_id)
WHERE course_id IN (
        SELECT course_id FROM student_days WHERE student_id IN {students:Array(UUID)}
        UNION DISTINCT
        SELECT course_id FROM roster_enrolments WHERE student_id IN {students:Array(UUID)})
    AND student_id IN {students:Array(UUID)}
    AND course_id != ''
    AND student_id NOT IN (SELECT student_id FROM left_out)
    AND ifNull(known.enrolled_at < {end:Date} OR known.learned_at < {end:Date}, false)
    AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
    AND NOT ifNull(known.declared_at < {end:Date}, false)
    AND NOT (lists.cataloged AND notEmpty(lists.lessons) AND length(arrayIntersect(
        arrayFilter(lesson -> lesson.completed_on < {end:Date}, known.lessons).lesson_id, lists.lessons
    )) = length(lists.lessons))
ORDER BY student_id, course_id

-- name: team_scores
-- The best score of each of some students in each assessment of the courses that the roster names.
SELECT student_id, course_id, tried.assessment_id AS assessment_id, tried.best AS score
FROM learner_courses FINAL
ARRAY JOIN arrayFilter(a -> a.day < {end:Date} AND a.until >= {end:Date}, assessments) AS tried
WHERE course_id IN {assigned:Array(String)} AND student_id IN {students:Array(UUID)} AND tried.best IS NOT NULL
    AND student_id NOT IN (SELECT student_id FROM left_out)
ORDER BY student_id, course_id, assessment_id

-- name: team_weeks
-- What each of some students did in each whole week, from Monday to Sunday, of a period.
SELECT
    student_id,
    toMonday(day) AS week,
    max(learning_events > 0) AS active,
    sum(time_video + time_quiz + time_reading) AS micros,
    uniqExactArray(arrayMap(l -> (course_id, l), lessons_completed)) AS lessons
FROM student_days FINAL
WHERE student_id IN {students:Array(UUID)} AND day >= {start:Date} AND day < {end:Date}
    AND toMonday(day) >= {start:Date} AND toMonday(day) + 7 <= {end:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY student_id, week
ORDER BY week, student_id
