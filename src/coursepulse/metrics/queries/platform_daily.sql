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
