-- The platform-wide row of each given day; staff and test accounts are no learners.
INSERT INTO platform_days
SELECT
    day,
    {cycle:UInt64} AS version,
    uniqExactIf(student_id, a.learning_events > 0) AS active_students,
    uniqExactIf(course_id, a.learning_events > 0 AND course_id != '') AS active_courses,
    sum(a.events) AS events,
    sum(a.learning_events) AS learning_events,
    sum(a.visits) AS visits,
    sum(a.time_on_task) AS time_on_task
FROM active_days AS a FINAL
WHERE day IN {days:Array(Date)}
  AND student_id NOT IN (SELECT student_id FROM students FINAL WHERE is_staff OR is_test)
GROUP BY day
