-- Active learners and time on task by kind on each UTC day of a course.
SELECT
    day,
    countIf(learning_events > 0) AS active_learners,
    (sum(time_video) + sum(time_quiz) + sum(time_reading)) / 1e6 AS time_spent,
    sum(student_course_days.time_video) / 1e6 AS time_video,
    sum(student_course_days.time_quiz) / 1e6 AS time_quiz,
    sum(student_course_days.time_reading) / 1e6 AS time_reading,
    sum(length(student_course_days.lessons_completed)) AS lessons_completed
FROM student_course_days FINAL
WHERE course_id = {course:String} AND day >= {start:Date} AND day < {end:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY day
ORDER BY day
