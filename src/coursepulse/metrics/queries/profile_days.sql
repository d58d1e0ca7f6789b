-- What the days of some students add up to, over all courses.
SELECT
    student_id,
    any(people.zone) AS zone,
    groupArrayIf((day, quarter_hours), notEmpty(quarter_hours)) AS quarters,
    sum(micros) / 1e6 AS seconds,
    uniqExactIf(day, learning_events > 0) AS days_active,
    max(last_learning_at) AS last_activity_at,
    groupUniqArrayIf(course_id, course_id != '') AS courses
FROM
(
    SELECT
        student_id, course_id, day, quarter_hours, learning_events, last_learning_at,
        time_video + time_quiz + time_reading AS micros
    FROM student_days FINAL
    WHERE student_id IN {students:Array(UUID)}
    UNION ALL
    -- who has done nothing yet
    SELECT student_id, course_id, toDate(0), [], 0, NULL, 0
    FROM roster_enrolments FINAL
    WHERE student_id IN {students:Array(UUID)}
) AS days
LEFT JOIN
(
    SELECT student_id, time_zone AS zone FROM students FINAL WHERE student_id IN {students:Array(UUID)}
) AS people USING (student_id)
WHERE student_id NOT IN (SELECT student_id FROM not_agreed FINAL)
GROUP BY student_id
