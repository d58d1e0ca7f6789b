-- Active learners and time on task by kind on each UTC day of a course.
SELECT
    day,
    countIf(learning_events > 0) AS active_learners,
    sum(days.time_video + days.time_quiz + days.time_reading) / 1e6 AS time_spent,
    sum(days.time_video) / 1e6 AS time_video,
    sum(days.time_quiz) / 1e6 AS time_quiz,
    sum(days.time_reading) / 1e6 AS time_reading,
    sum(length(days.lessons_completed)) AS lessons_completed,
    -- how many are behind each sum
    countIf(days.time_video + days.time_quiz + days.time_reading > 0) AS with_time,
    countIf(days.time_video > 0) AS with_video,
    countIf(days.time_quiz > 0) AS with_quiz,
    countIf(days.time_reading > 0) AS with_reading,
    countIf(notEmpty(days.lessons_completed)) AS with_lessons
FROM student_course_days AS days FINAL
WHERE course_id = {course:String} AND day >= {start:Date} AND day < {end:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY day
ORDER BY day
