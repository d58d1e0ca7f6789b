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
        argMaxIf(event_type, (at, event_type = 'course_unenroll', UUIDToNum(event_id)), toDate(at) <= intake + day) = 'course_unenroll' AS left_by
    FROM
    (
        SELECT course_id, student_id, at, event_id, event_type
        FROM enrolments FINAL
        WHERE event_type IN ('course_enroll', 'course_unenroll') AND student_id NOT IN (SELECT student_id FROM left_out)
    ) AS changes
    INNER JOIN presentations USING (course_id)
    ARRAY JOIN days AS day
    GROUP BY course_id, student_id, intake, day
    HAVING countIf(event_type = 'course_enroll') > 0
)
GROUP BY intake, day
ORDER BY intake, day
