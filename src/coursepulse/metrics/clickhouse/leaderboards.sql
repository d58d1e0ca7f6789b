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
-- course that they are in now. A student who has achieved nothing has no row.
WITH
    places AS
    (
        SELECT course_id, student_id
        FROM learner_courses FINAL
        WHERE course_id IN (
                SELECT {course:String} AS course_id WHERE {course:String} != ''
                UNION DISTINCT
                SELECT course_id FROM student_days
                WHERE {course:String} = '' AND student_id IN {students:Array(UUID)} AND course_id != ''
                UNION DISTINCT
                SELECT course_id FROM roster_enrolments
                WHERE {course:String} = '' AND student_id IN {students:Array(UUID)})
            AND student_id IN {students:Array(UUID)}
            AND student_id NOT IN (SELECT student_id FROM left_out)
            AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
            AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
    ),
    learned AS
    (
        SELECT
            student_id, nth,
            sum(length(arrayIntersect(arrayFilter(l -> l.completed_on < until, known.lessons).lesson_id, lists.lessons))) AS lessons,
            sum(arrayLast(step -> step.day < until, known.steps).days_active) AS days
        FROM learner_courses AS known FINAL
        LEFT JOIN course_orders AS lists FINAL USING (course_id)
        ARRAY JOIN {ends:Array(Date)} AS until, arrayEnumerate({ends:Array(Date)}) AS nth
        WHERE course_id IN (SELECT course_id FROM places) AND (course_id, student_id) IN places
        GROUP BY student_id, nth
    ),
    graded AS
    (
        SELECT
            student_id, nth,
            countIf(coalesce(work.passed, false)
                OR coalesce(work.undeclared_best >= if(marks.known, marks.pass_mark, 60), false)) AS passed,
            sum(toInt64(floor(ifNull(work.best, 0) + 0.5))) AS score_pct
        FROM
        (
            SELECT course_id, student_id, nth, arrayJoin(standing) AS work
            FROM
            (
                SELECT
                    course_id, student_id, nth,
                    arrayFilter(a -> a.day < until AND a.until >= until, assessments) AS standing
                FROM learner_courses FINAL
                ARRAY JOIN {ends:Array(Date)} AS until, arrayEnumerate({ends:Array(Date)}) AS nth
                WHERE course_id IN (SELECT course_id FROM places) AND (course_id, student_id) IN places
            )
        ) AS tried
        LEFT JOIN (SELECT course_id, assessment_id, pass_mark, true AS known FROM course_assessments FINAL) AS marks
            ON marks.course_id = tried.course_id AND marks.assessment_id = tried.work.assessment_id
        GROUP BY student_id, nth
    ),
    watched AS
    (
        SELECT student_id, nth, countIf(coalesce(arrayLast(step -> step.day < until, steps).covered >= 0.9 * duration, false)) AS videos
        FROM learner_watch FINAL
        ARRAY JOIN {ends:Array(Date)} AS until, arrayEnumerate({ends:Array(Date)}) AS nth
        WHERE course_id IN (SELECT course_id FROM places) AND (course_id, student_id) IN places
        GROUP BY student_id, nth
    ),
    written AS
    (
        SELECT student_id, nth, sumIf(least(forum_replies, {replies:UInt32}), day < until) AS replies
        FROM student_course_days FINAL
        ARRAY JOIN {ends:Array(Date)} AS until, arrayEnumerate({ends:Array(Date)}) AS nth
        WHERE course_id IN (SELECT course_id FROM places) AND (course_id, student_id) IN places AND forum_replies > 0
        GROUP BY student_id, nth
    )
SELECT student_id, nth AS point, lessons, passed, score_pct, videos, days, replies
FROM learned
LEFT JOIN graded USING (student_id, nth)
LEFT JOIN watched USING (student_id, nth)
LEFT JOIN written USING (student_id, nth)
ORDER BY student_id, nth
