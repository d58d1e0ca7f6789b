-- Which students and courses a question is about.

-- name: find_student
-- Whether a pseudonym is known.
SELECT count() > 0 AS known
FROM
(
    SELECT 1 FROM student_days WHERE student_id = {student:UUID} LIMIT 1
    UNION ALL
    SELECT 1 FROM roster_enrolments WHERE student_id = {student:UUID} LIMIT 1
)

-- name: find_course
-- Whether anything has happened in a course.
SELECT count() > 0 AS known
FROM (SELECT 1 FROM student_course_days WHERE course_id = {course:String} LIMIT 1)

-- name: group_sizes
-- How many people each course has; the row without a course counts all of them. Stops at 100, where the number no longer matters.
SELECT course_id, uniqUpTo(100)(student_id) AS unseen
FROM learner_courses
WHERE ({course:String} = '' OR course_id = {course:String})
    AND student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY course_id
UNION ALL
SELECT '' AS course_id, uniqUpTo(100)(student_id) AS unseen
FROM learner_courses
WHERE student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}

-- name: find_all_courses
-- Every course with an event, or with anybody on the roster.
SELECT groupUniqArray(course_id) AS courses
FROM
(
    SELECT course_id FROM active_days WHERE course_id != ''
    UNION ALL
    SELECT course_id FROM roster_enrolments
)

-- name: find_courses
-- The courses in which a student is listed or has any event by the end of the period, and whether numbers about the student's
-- behaviour may be shown at all.
SELECT
    groupUniqArray(course_id) AS courses,
    (SELECT count() = 0 FROM not_agreed FINAL WHERE student_id = {student:UUID}) AS agreed
FROM
(
    SELECT course_id FROM student_days WHERE student_id = {student:UUID} AND course_id != '' AND day < {end:Date}
    UNION ALL
    SELECT course_id FROM roster_enrolments FINAL
    WHERE student_id = {student:UUID} AND ifNull(starts_on, known_on) < {end:Date}
)
WHERE {course:String} = '' OR course_id = {course:String}

-- name: find_left
-- Who has left a course by what happened there.
SELECT student_id
FROM learner_courses FINAL
WHERE course_id = {course:String} AND arrayLast((gone, day) -> day < {end:Date}, steps.gone, steps.day)

-- name: find_enrolled
-- Which students are in a course by what happened there: enrolled and not left, or learning without any enrolment.
SELECT student_id, NOT gone AS enrolled
FROM members(courses = [{course:String}], students = {students:Array(UUID)}, end = {end:Date})

-- name: first_day
-- The first day on which anybody learned: in a course, or anywhere.
SELECT minOrNull(day) AS day
FROM active_days
WHERE learning_events > 0 AND ({course:String} = '' OR course_id = {course:String})

-- name: first_day_of_student
-- The first day on which a student learned: in a course, or anywhere.
SELECT minOrNull(day) AS day
FROM student_days
WHERE student_id = {student:UUID} AND learning_events > 0 AND ({course:String} = '' OR course_id = {course:String})

-- name: classmates_of
-- Who else is in some courses by what happened there, and agrees to analytics.
SELECT course_id, student_id
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)} AND student_id != {student:UUID}
    AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
    AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
    AND student_id NOT IN (SELECT student_id FROM left_out)
