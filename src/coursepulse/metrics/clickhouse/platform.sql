-- The whole platform.

-- name: platform_summary
-- Learners, enrolments, completions and time over all courses, in each of some periods.
WITH
    {periods:Array(Tuple(Date, Date))} AS periods,
    (SELECT arrayMin(periods.1)) AS first,
    (SELECT arrayMax(periods.2)) AS last,
    everybody AS
    (
        SELECT
            nth,
            uniqExactIf(student_id, learning_events > 0) AS active_learners,
            uniqExactIf(course_id, learning_events > 0 AND course_id != '') AS active_courses,
            sum(time_on_task) / 1e6 AS time_spent,
            sum(active_days.events) AS events
        FROM active_days FINAL
        -- The whole days of a period are part of it.
        ARRAY JOIN arrayFilter(n -> day >= periods[n].1 AND day < periods[n].2, arrayEnumerate(periods)) AS nth
        WHERE day >= first AND day < last AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
        GROUP BY nth
    ),
    learned AS
    (
        SELECT
            nth,
            countIf(has(kinds, 'course_enroll')) AS enrolments,
            countIf(has(kinds, 'course_complete')) AS courses_completed,
            uniqUpToIf(100)(student_id, has(kinds, 'course_enroll')) AS with_enrolment,
            uniqUpToIf(100)(student_id, has(kinds, 'course_complete')) AS with_course_completed,
            sumIf(done, agreed) AS lessons_completed,
            uniqUpToIf(100)(student_id, agreed AND done > 0) AS with_lessons
        FROM
        (
            SELECT
                student_id, nth,
                student_id NOT IN (SELECT student_id FROM left_out) AS agreed,
                arrayFilter(e -> e.at >= period.1 AND e.at < period.2, learner_courses.enrolments).event_type AS kinds,
                arrayCount(on -> on >= period.1 AND on < period.2, learner_courses.lessons.completed_on) AS done
            FROM learner_courses FINAL
            ARRAY JOIN periods AS period, arrayEnumerate(periods) AS nth
            WHERE student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}
        )
        GROUP BY nth
    )
SELECT
    nth, active_learners, active_courses, enrolments, courses_completed, time_spent, events,
    lessons_completed, with_enrolment, with_course_completed, with_lessons
FROM (SELECT arrayJoin(arrayEnumerate({periods:Array(Tuple(Date, Date))})) AS nth) AS asked
LEFT JOIN everybody USING (nth)
LEFT JOIN learned USING (nth)
ORDER BY nth

-- name: platform_daily
-- Active learners, events and time on each UTC day with events.
SELECT
    day,
    uniqExactIf(student_id, learning_events > 0) AS active_learners,
    uniqExactIf(course_id, learning_events > 0 AND course_id != '') AS active_courses,
    sum(active_days.events) AS events,
    sum(visits) AS sessions,
    sum(time_on_task) / 1e6 AS time_spent
FROM active_days FINAL
WHERE day >= {start:Date} AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY day
ORDER BY day

-- name: active_users
-- Learners active on each day, in the 7 and in the 30 days up to it. The windows that one learner is in merge where they
-- touch; where one begins the count goes up, and where it ends it goes down.
WITH
    [1, 7, 30] AS spans,
    least({end:Date}, {tomorrow:Date}) AS until,
    changes AS
    (
        SELECT span, greatest(step.1, {start:Date}) AS day, sum(step.2) AS change
        FROM
        (
            SELECT arraySort(groupUniqArray(day)) AS days
            FROM active_days FINAL
            WHERE learning_events > 0 AND day > {start:Date} - 30 AND day < until
                AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
            GROUP BY student_id
        )
        ARRAY JOIN spans AS span
        ARRAY JOIN arrayConcat(
            arrayMap(d -> (d, 1), arrayFilter((d, nth) -> nth = 1 OR d - days[nth - 1] >= span, days, arrayEnumerate(days))),
            arrayMap(d -> (d + span, -1), arrayFilter((d, nth) -> nth = length(days) OR days[nth + 1] - d >= span, days, arrayEnumerate(days)))
        ) AS step
        GROUP BY span, day
    ),
    counts AS
    (
        SELECT day, span, sum(change) OVER (PARTITION BY span ORDER BY day) AS learners
        FROM
        (
            SELECT {start:Date} + arrayJoin(range(toUInt64(greatest(0, until - {start:Date})))) AS day, arrayJoin(spans) AS span
        ) AS grid
        LEFT JOIN changes USING (day, span)
    )
SELECT
    day,
    sumIf(learners, span = 1) AS daily,
    sumIf(learners, span = 7) AS weekly,
    sumIf(learners, span = 30) AS monthly,
    if(monthly = 0, NULL, 100 * daily / monthly) AS stickiness_pct
FROM counts
GROUP BY day
ORDER BY day

-- name: origins
-- Learners, sessions and events by what a platform says of where they come from: one column of events.
SELECT {origin:Identifier}, uniqExact(student_id) AS active_learners, uniqExactIf((student_id, session_id), session_id != toUUID('00000000-0000-0000-0000-000000000000')) AS sessions, count() AS events
FROM events FINAL
WHERE at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND ({course:String} = '' OR course_id = {course:String}) AND event_type IN {learning:Array(String)}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY {origin:Identifier}
ORDER BY active_learners DESC, {origin:Identifier}

-- name: courses
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

-- name: retention
-- How many of the learners who first enrolled in the same week or month learned n periods later.
WITH
    {step:String} = 'month' AS monthly,
    if(monthly, toStartOfMonth({start:Date}), toMonday({start:Date})) AS since,
    least({today:Date}, {end:Date} - 1) AS last_day,
    if(monthly, toStartOfMonth(last_day), toMonday(last_day)) AS present,
    cohorts AS
    (
        SELECT student_id, if(monthly, toStartOfMonth(first), toMonday(first)) AS cohort
        FROM
        (
            SELECT student_id, toDate(min(assumeNotNull(enrolled_at))) AS first
            FROM learner_courses FINAL
            WHERE enrolled_at IS NOT NULL AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
            GROUP BY student_id
        )
        WHERE cohort >= since AND first < {end:Date}
    ),
    sizes AS (SELECT cohort, count() AS learners FROM cohorts GROUP BY cohort),
    returns AS
    (
        SELECT cohort, toInt64(if(monthly, dateDiff('month', cohort, period), intDiv(period - cohort, 7))) AS n, count() AS returned
        FROM cohorts
        INNER JOIN
        (
            SELECT DISTINCT student_id, if(monthly, toStartOfMonth(day), toMonday(day)) AS period
            FROM active_days FINAL
            WHERE learning_events > 0 AND day >= since AND day <= last_day
        ) AS learned USING (student_id)
        WHERE period >= cohort
        GROUP BY cohort, n
    )
SELECT
    cohort,
    period,
    learners,
    coalesce(returned, 0) AS returned,
    100 * returned / learners AS returned_pct
FROM
(
    SELECT
        cohort, learners,
        toInt64(arrayJoin(range(toUInt64(1 + if(monthly, dateDiff('month', cohort, present), intDiv(present - cohort, 7)))))) AS period
    FROM sizes
    WHERE cohort <= present
) AS grid
LEFT JOIN returns ON returns.cohort = grid.cohort AND returns.n = grid.period
ORDER BY cohort, period

-- name: retention_registered
-- By the start of the presentation: of those ever enrolled, who was not unenrolled by the end of day 0, 28, 56 and so on.
WITH presentations AS
(
    SELECT
        course_id,
        intake,
        arrayMap(step -> 28 * step, range(toUInt64(1 + intDiv(greatest(0, least(longest, {today:Date} - intake)), 28)))) AS days
    FROM
    (
        SELECT row.1 AS course_id, row.2 AS intake, max(row.3) OVER (PARTITION BY row.2) AS longest
        FROM (SELECT arrayJoin({presentations:Array(Tuple(String, Date, Int32))}) AS row)
    )
    WHERE intake <= {today:Date}
)
SELECT
    intake,
    day,
    count() AS enrolled,
    countIf(NOT left_by) AS registered,
    100 * registered / enrolled AS registered_pct
FROM
(
    SELECT
        intake,
        day,
        arrayLast(e -> toDate(e.1) <= intake + day, changes).2 = 'course_unenroll' AS left_by
    FROM
    (
        SELECT course_id, arrayFilter(e -> e.2 IN ('course_enroll', 'course_unenroll'), enrolments) AS changes
        FROM learner_courses FINAL
        WHERE enrolled_at < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out)
    ) AS learners
    INNER JOIN presentations USING (course_id)
    ARRAY JOIN days AS day
)
GROUP BY intake, day
ORDER BY intake, day

-- name: clicks
-- The clicks of learning events of each course.
SELECT
    course_id,
    sum(days.clicks) AS clicks,
    uniqExactIf(student_id, learning_events > 0) AS learners
FROM student_course_days AS days FINAL
WHERE ({course:String} = '' OR course_id = {course:String}) AND course_id != ''
    AND day >= {start:Date} AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY course_id
ORDER BY course_id

-- name: events_by_type
-- Stored events by type; of those who do not agree to analytics only what rests on contract.
SELECT event_type, count() AS events, uniqUpTo(100)(student_id) AS people
FROM events FINAL
WHERE at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND ({course:String} = '' OR course_id = {course:String})
    AND (event_type IN {essential:Array(String)} OR student_id NOT IN (SELECT student_id FROM not_agreed FINAL))
    AND student_id NOT IN {apart:Array(UUID)}
GROUP BY event_type
ORDER BY events DESC, event_type
