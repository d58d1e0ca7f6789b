-- The platform-wide row of each given day, without whom numbers about behaviour leave out.
-- The newest version there is, at least: a changed consent is no cycle, and of equal versions the later row counts.
INSERT INTO platform_days
SELECT
    day,
    (SELECT greatest({cycle:UInt64}, max(version)) FROM platform_days) AS version,
    uniqExactIf(student_id, counts AND a.learning_events > 0) AS active_students,
    uniqExactIf(course_id, counts AND a.learning_events > 0 AND course_id != '') AS active_courses,
    sumIf(a.events, counts) AS events,
    sumIf(a.learning_events, counts) AS learning_events,
    sumIf(a.visits, counts) AS visits,
    sumIf(a.time_on_task, counts) AS time_on_task
FROM
(
    SELECT day, student_id, course_id, events, learning_events, visits, time_on_task,
        student_id NOT IN (SELECT student_id FROM left_out) AS counts
    FROM active_days FINAL
    WHERE day IN {days:Array(Date)}
    UNION ALL
    -- A day that has lost everybody would have no row, and keep what it said before.
    SELECT day, toUUID('00000000-0000-0000-0000-000000000000'), '', 0, 0, 0, 0, false
    FROM platform_days
    WHERE day IN {days:Array(Date)}
) AS a
GROUP BY day
