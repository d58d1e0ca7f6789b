-- By the start of the presentation: of those ever enrolled, who was not unenrolled by the end of day 0, 28, 56 …
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
