-- Leaderboards.

-- name: leaderboard_class
-- Who is in a course by what happened there and agrees to analytics: the students that a leaderboard may be about.
SELECT student_id
FROM learner_courses FINAL
WHERE course_id = {course:String}
    AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
    AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
    AND student_id NOT IN (SELECT student_id FROM left_out)

-- name: leaderboard_rows
-- What each of some students had achieved at the end of each of some periods, in one course or, without one, in every
-- course that they are in now. A student who is in no course has no row.
WITH
    places AS
    (
        SELECT {course:String} AS course_id WHERE {course:String} != ''
        UNION DISTINCT
        SELECT course_id FROM student_days
        WHERE {course:String} = '' AND student_id IN {students:Array(UUID)} AND course_id != ''
        UNION DISTINCT
        SELECT course_id FROM roster_enrolments
        WHERE {course:String} = '' AND student_id IN {students:Array(UUID)}
    ),
    (
        SELECT mapFromArrays(groupArray(concat(course_id, '\n', assessment_id)), groupArray(pass_mark))
        FROM course_assessments FINAL
        WHERE course_id IN places
    ) AS marks,
    learned AS
    (
        SELECT
            course_id, student_id, nth,
            length(arrayIntersect(arrayFilter(l -> l.completed_on < until, lessons).lesson_id, listed)) AS lessons,
            arrayLast(step -> step.day < until, steps).days_active AS days,
            arrayFilter(a -> a.day < until AND a.until >= until, assessments) AS standing,
            arrayCount(
                a -> coalesce(a.passed, false) OR coalesce(a.undeclared_best >= if(
                    mapContains(marks, concat(course_id, '\n', a.assessment_id)),
                    marks[concat(course_id, '\n', a.assessment_id)], 60), false),
                standing) AS passed,
            arraySum(a -> toInt64(floor(ifNull(a.best, 0) + 0.5)), standing) AS score_pct
        FROM
        (
            SELECT course_id, student_id, known.lessons AS lessons, steps, assessments, lists.lessons AS listed
            FROM learner_courses AS known FINAL
            LEFT JOIN course_orders AS lists FINAL USING (course_id)
            WHERE course_id IN places AND student_id IN {students:Array(UUID)}
                AND student_id NOT IN (SELECT student_id FROM left_out)
                AND (known.enrolled_at < {end:Date} OR known.learned_at < {end:Date})
                AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
        )
        ARRAY JOIN {ends:Array(Date)} AS until, arrayEnumerate({ends:Array(Date)}) AS nth
    ),
    watched AS
    (
        SELECT
            course_id, student_id, nth,
            countIf(coalesce(arrayLast(step -> step.day < until, steps).covered >= 0.9 * duration, false)) AS videos
        FROM learner_watch FINAL
        ARRAY JOIN {ends:Array(Date)} AS until, arrayEnumerate({ends:Array(Date)}) AS nth
        WHERE course_id IN places AND student_id IN {students:Array(UUID)}
        GROUP BY course_id, student_id, nth
    ),
    written AS
    (
        SELECT course_id, student_id, nth, sumIf(least(forum_replies, {replies:UInt32}), day < until) AS replies
        FROM student_course_days FINAL
        ARRAY JOIN {ends:Array(Date)} AS until, arrayEnumerate({ends:Array(Date)}) AS nth
        WHERE course_id IN places AND student_id IN {students:Array(UUID)} AND forum_replies > 0
        GROUP BY course_id, student_id, nth
    )
SELECT
    student_id, nth AS point,
    sum(lessons) AS lessons, sum(passed) AS passed, sum(score_pct) AS score_pct,
    sum(videos) AS videos, sum(days) AS days, sum(replies) AS replies
FROM
(
    SELECT course_id, student_id, nth, lessons, passed, score_pct, videos, days, replies
    FROM learned
    LEFT JOIN watched USING (course_id, student_id, nth)
    LEFT JOIN written USING (course_id, student_id, nth)
)
GROUP BY student_id, nth
ORDER BY student_id, nth
