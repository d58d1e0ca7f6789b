-- The days of one student up to the end of a period, one row per day and course.
SELECT
    day, course_id, quarter_hours, last_learning_at,
    learning_events > 0 AS learned,
    time_video + time_quiz + time_reading AS micros,
    lessons_completed
FROM student_days FINAL
WHERE student_id = {student:UUID} AND day < {end:Date} AND ({course:String} = '' OR course_id = {course:String})
ORDER BY day
