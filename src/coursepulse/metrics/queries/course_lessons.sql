-- Learners who started and completed each lesson, in the order of the course.
SELECT
    place,
    lesson_id,
    uniqExactIf(student_id, student_id IS NOT NULL) AS started,
    uniqExactIf(student_id, completed) AS completed
FROM
(
    SELECT lesson_id, place FROM lesson_lists
    ARRAY JOIN lessons AS lesson_id, arrayEnumerate(lessons) AS place
    WHERE course_id = {course:String}
) AS lessons
LEFT JOIN
(
    SELECT toNullable(days.student_id) AS student_id, lesson.1 AS lesson_id, lesson.2 AS completed
    FROM
    (
        SELECT
            student_id,
            arrayJoin(arrayConcat(
                arrayMap(id -> (id, true), groupUniqArrayArray(lessons_completed)),
                arrayMap(id -> (id, false), groupUniqArrayArray(lessons_started)))) AS lesson
        FROM student_course_days FINAL
        WHERE course_id = {course:String} AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out)
        GROUP BY student_id
    ) AS days
) AS reached USING (lesson_id)
GROUP BY place, lesson_id
ORDER BY place
