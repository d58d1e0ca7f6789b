-- By the start of the presentation: of those ever enrolled, who was not unenrolled by the end of day 0, 28, 56 …
WITH presentations AS
(
    SELECT
        tupleElement(row, 1) AS course_id,
        tupleElement(row, 2) AS intake,
        tupleElement(row, 3) AS length
    FROM (SELECT arrayJoin({presentations:Array(Tuple(String, Date, UInt16))}) AS row)
)
SELECT
    intake,
    toUInt16(28 * step) AS day,
    count() AS enrolled,
    countIf(NOT left_by) AS registered,
    100 * registered / enrolled AS registered_pct
FROM
(
    SELECT
        intake, step, course_id, student_id,
        argMaxIf(event_type, (at, UUIDToNum(event_id)), toDate(at) <= intake + 28 * step) = 'course_unenroll' AS left_by
    FROM enrolments FINAL
    INNER JOIN presentations USING (course_id)
    ARRAY JOIN range(toUInt64(intDiv(length, 28) + 1)) AS step
    WHERE event_type IN ('course_enroll', 'course_unenroll') AND student_id NOT IN (SELECT student_id FROM left_out)
    GROUP BY intake, step, course_id, student_id
    HAVING countIf(event_type = 'course_enroll') > 0
)
GROUP BY intake, step
ORDER BY intake, step
