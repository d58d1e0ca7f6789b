-- Of the learners who first enrolled in the same week or month, how many learned n periods later.
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
