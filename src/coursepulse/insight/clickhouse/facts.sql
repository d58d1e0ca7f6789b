-- What models look at, from the rollups: of learners who agreed to analytics, by the end of a day.

-- name: facts_enrolments
-- Here and below every row says since when it was known, which is the day on which it happened; {students:Array(UUID)} holds none
-- for everybody, and {end:Date} is the day after the last that counts.
-- When somebody came into a course, each time they came; without an enrolment, when they first learned in it.
SELECT
    UUIDToNum(student_id) AS student,
    course_id AS course,
    arrayJoin(if(empty(came), if(learned_at < {end:Date}, [toDate(assumeNotNull(learned_at))], []), came)) AS registered,
    registered AS known
FROM
(
    SELECT
        course_id, student_id, learned_at,
        arrayFilter(e -> tupleElement(e, 'event_type') IN ('course_enroll', 'course_unenroll')
                        AND tupleElement(e, 'at') < toDateTime64({end:Date}, 6, 'UTC'), enrolments) AS moves,
        arrayDistinct(arrayMap(e -> toDate(e.1), arrayFilter(
            (e, before) -> e.2 = 'course_enroll' AND before != 'course_enroll',
            moves, arrayPopBack(arrayPushFront(moves.2, ''))))) AS came
    FROM learner_courses FINAL
    WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND student_id NOT IN (SELECT student_id FROM left_out)
)
ORDER BY course, student, registered

-- name: facts_endings
-- When somebody left a course, and when they completed it: by the platform's word, or with the last lesson of the catalog.
SELECT student, course, ending.1 AS day, ending.2 AS kind, day AS known
FROM
(
    SELECT
        UUIDToNum(student_id) AS student,
        course_id AS course,
        arrayFilter(e -> tupleElement(e, 'event_type') IN ('course_enroll', 'course_unenroll'), enrolments) AS moves,
        arrayFilter(l -> has(lists.lessons, l.lesson_id), known_of.lessons).completed_on AS done,
        arrayConcat(
            arrayMap(e -> (toDate(e.1), 'withdrew'), arrayFilter(
                (e, before) -> e.2 = 'course_unenroll' AND before != 'course_unenroll',
                moves, arrayPopBack(arrayPushFront(moves.2, '')))),
            if(declared_at IS NULL, [], [(toDate(assumeNotNull(declared_at)), 'passed')]),
            if(lists.cataloged AND notEmpty(lists.lessons) AND length(done) = length(lists.lessons),
               [(arrayMax(done), 'passed')], [])) AS endings
    FROM learner_courses AS known_of FINAL
    LEFT JOIN course_orders AS lists FINAL USING (course_id)
    WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND student_id NOT IN (SELECT student_id FROM left_out)
)
ARRAY JOIN arrayDistinct(endings) AS ending
WHERE ending.1 < {end:Date}
ORDER BY course, student, day, kind

-- name: facts_activity
-- What somebody did on each day, by kind. The last kind is everything that is none of the others.
SELECT
    UUIDToNum(student_id) AS student, course_id AS course, day,
    done.1 AS kind, done.2 AS count, done.3 AS seconds, day AS known
FROM
(
    SELECT
        student_id, course_id, day,
        [
            ('lesson', toInt64(length(lessons_started) + length(lessons_completed)), time_reading / 1e6),
            ('video', toInt64(length(videos_watched)), time_video / 1e6),
            ('quiz', toInt64(length(quiz_attempts)), time_quiz / 1e6),
            ('assignment', toInt64(length(submissions)), NULL),
            ('forum', toInt64(forum_posts + forum_replies + forum_views), NULL),
            ('live', toInt64(live_joins), NULL)
        ] AS kinds,
        greatest(toInt64(learning_events), toInt64(clicks)) - arraySum(kinds.2) AS rest
    FROM student_course_days FINAL
    WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND day < {end:Date} AND learning_events > 0
        AND student_id NOT IN (SELECT student_id FROM left_out)
)
ARRAY JOIN arrayFilter(k -> k.2 > 0 OR ifNull(k.3, 0) > 0, arrayPushBack(kinds, ('other', greatest(rest, 0), NULL))) AS done
ORDER BY course, student, day, kind

-- name: facts_results
-- Work that was handed in, and each score of it. A score that replaces those of all attempts is one of each attempt so far.
SELECT DISTINCT
    UUIDToNum(student_id) AS student,
    course_id AS course,
    assessment,
    toInt32(arrayJoin(multiIf(told.1 > 0, [told.1], empty(tried), [toUInt16(1)], tried))) AS attempt,
    told.2 AS handed_in,
    told.3 AS score,
    told.2 AS known
FROM
(
    SELECT
        student_id, course_id, assessment, told,
        arrayDistinct(arrayFilter((attempt, on) -> attempt > 0 AND on <= told.2, said.1, said.2)) AS tried
    FROM
    (
        SELECT student_id, course_id, work.1 AS assessment, groupArray((work.2, day, work.3)) AS said
        FROM student_course_days FINAL
        ARRAY JOIN arrayConcat(
            arrayMap(s -> (s.1, s.2, CAST(NULL, 'Nullable(Float64)')), submissions),
            arrayMap(r -> (r.1, r.2, r.5), quiz_results),
            arrayMap(g -> (g.1, g.2, g.5), arrayFilter(g -> g.5 IS NOT NULL, grades))) AS work
        WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
            AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out)
        GROUP BY student_id, course_id, assessment
    )
    ARRAY JOIN said AS told
)
ORDER BY course, student, assessment, attempt, known, score

-- name: facts_assessments
-- Quizzes and assignments with their due dates, as the catalog has them now.
SELECT course_id AS course, assessment_id AS assessment, toString(kind) AS kind, toDate(due_at) AS due
FROM course_assessments FINAL
WHERE course_id IN {courses:Array(String)}
ORDER BY course, assessment

-- name: facts_items
-- The lessons of courses, which is what completing a course consists of.
SELECT course_id AS course, lesson_id AS item, 'lesson' AS kind
FROM course_lessons FINAL
WHERE course_id IN {courses:Array(String)}
ORDER BY course, item

-- name: facts_done
-- Lessons that somebody completed.
SELECT UUIDToNum(student_id) AS student, course_id AS course, lesson.1 AS item, lesson.3 AS day, day AS known
FROM learner_courses FINAL
ARRAY JOIN lessons AS lesson
WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND lesson.3 < {end:Date} AND lesson.3 < toDate(65535)
    AND student_id NOT IN (SELECT student_id FROM left_out)
ORDER BY course, student, item

-- name: facts_courses
-- Courses with learners, and how many.
SELECT course_id AS course, count() AS learners
FROM learner_courses FINAL
WHERE course_id != '' AND student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY course_id
ORDER BY course

-- name: facts_extent
-- The last day on which somebody learned, in any course, 1970-01-01 where nobody has; on how many days all learners have
-- learned, and how many learners there are.
SELECT
    max(arrayMax(each -> if(each.learned, each.day, toDate(0)), learner_courses.days)) AS newest,
    sum(arrayCount(each -> each.learned, learner_courses.days)) AS days,
    count() AS learners
FROM learner_courses FINAL
