-- What each active learner of a course did in each ISO week that the period touches, up to its last day.
-- `learned.student_id` is the column; `student_id` alone would be what it is turned into here.
SELECT
    UUIDToNum(learned.student_id) AS student_id,
    toMonday(day) AS week,
    countIf(learning_events > 0) AS days_active,
    sum(time_video + time_quiz + time_reading) / 1e6 AS time_spent,
    length(groupUniqArrayArray(lessons_completed)) AS lessons,
    length(groupUniqArrayArray(videos_watched)) AS videos,
    length(groupUniqArrayArray(arrayMap(a -> (a.assessment_id, a.attempt), quiz_attempts))) AS quiz_attempts
FROM student_course_days AS learned FINAL
WHERE course_id = {course:String} AND day >= {first_week:Date} AND day < {end:Date}
    AND learned.student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY week, learned.student_id
HAVING days_active > 0
