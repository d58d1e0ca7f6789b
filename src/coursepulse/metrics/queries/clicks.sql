-- The clicks of learning events of each course.
SELECT
    course_id,
    sum(days.clicks) AS clicks,
    uniqExactIf(student_id, learning_events > 0) AS learners
FROM student_course_days AS days FINAL
WHERE ({course:String} = '' OR course_id = {course:String}) AND course_id != ''
    AND day >= {start:Date} AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY course_id
ORDER BY course_id
