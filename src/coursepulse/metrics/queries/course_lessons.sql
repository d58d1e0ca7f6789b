-- Learners who started and completed each lesson, in the order of the course.
SELECT place, lesson_id, coalesce(started, 0) AS started, coalesce(completed, 0) AS completed
FROM
(
    SELECT lesson_id, place FROM course_orders FINAL
    ARRAY JOIN lessons AS lesson_id, arrayEnumerate(lessons) AS place
    WHERE course_id = {course:String}
) AS lessons
LEFT JOIN
(
    SELECT lesson.lesson_id AS lesson_id, count() AS started, countIf(lesson.completed_on < {end:Date}) AS completed
    FROM learner_courses FINAL
    ARRAY JOIN learner_courses.lessons AS lesson
    WHERE course_id = {course:String} AND lesson.started_on < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
    GROUP BY lesson_id
) AS reached USING (lesson_id)
ORDER BY place
