-- Each course of some students: when it was joined, whether it was left, and when it was completed.
SELECT
    student_id,
    course_id,
    enrolled_at,
    gone,
    completion_pct = 100 AS all_lessons,
    declared_at,
    last_lesson_on
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {end:Date}, end = {end:Date}) AS mine
LEFT JOIN
(
    SELECT course_id, student_id, minOrNull(at) AS declared_at
    FROM enrolments FINAL
    WHERE event_type = 'course_complete' AND course_id IN {courses:Array(String)} AND student_id IN {students:Array(UUID)}
    GROUP BY course_id, student_id
) AS declared USING (course_id, student_id)
LEFT JOIN
(
    SELECT course_id, student_id, toNullable(max(first_on)) AS last_lesson_on
    FROM
    (
        SELECT course_id, student_id, lesson_id, min(day) AS first_on
        FROM student_course_days FINAL
        ARRAY JOIN lessons_completed AS lesson_id
        WHERE course_id IN {courses:Array(String)} AND student_id IN {students:Array(UUID)}
        GROUP BY course_id, student_id, lesson_id
    )
    GROUP BY course_id, student_id
) AS lessons USING (course_id, student_id)
