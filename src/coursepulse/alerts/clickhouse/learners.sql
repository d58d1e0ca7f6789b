-- What the conditions about learners look at.

-- name: learner_facts
-- Some learners of some courses, to date. As little as can be: planning a query with as many expressions as
-- `learner_rows` has takes 20 ms, and this one is asked several times a second.
SELECT
    course_id,
    UUIDToNum(student_id) AS student,
    coalesce(enrolled_at, learned_at) AS joined_at,
    declared_at IS NOT NULL AS declared_complete,
    steps.gone[-1] AS gone,
    nullIf(steps.last_learning_at[-1], toDateTime64(0, 6, 'UTC')) AS last_activity_at,
    steps.rhythm[-1] AS rhythm,
    -- Sums at the end of each of the last days with an event; days since 1970.
    arraySlice(CAST(steps.day, 'Array(UInt16)'), -40) AS days,
    arraySlice(steps.micros, -40) AS micros,
    watched.pct[-1] AS watched_pct,
    bests.scores[-1] AS scores,
    handed_in.assessment_id AS handed_in,
    lessons.lesson_id AS lessons,
    CAST(lessons.completed_on, 'Array(UInt16)') AS completed_on,
    notEmpty(lessons) OR arrayExists((learned, visits) -> learned AND visits > 0, learner_courses.days.learned, learner_courses.days.visits) AS heard
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)} AND student_id IN {students:Array(UUID)}
    AND student_id NOT IN (SELECT student_id FROM left_out)

-- name: class_lessons
-- The lessons of some courses, where the catalog has them.
SELECT course_id, lessons
FROM course_orders FINAL
WHERE course_id IN {courses:Array(String)} AND cataloged

-- name: classmates
-- Each of some classes: who is in it and agreed, who learned in the last seven days, and how much all of them learned
-- in each of five weeks. `share`: heard of by more than work handed in, as `heard_rows` has it.
SELECT
    course_id,
    count() AS learners,
    countIf(last.last_learning_at >= toDateTime64({end:Date} - 7, 6, 'UTC')) AS active,
    avg(heard) AS share,
    sumForEach(arrayMap((later, earlier) -> later - earlier, arrayPopBack(marks), arrayPopFront(marks))) AS micros
FROM
(
    SELECT
        course_id,
        arrayLast(step -> step.day < {end:Date}, steps) AS last,
        arrayExists(past -> past.day < {end:Date} AND past.learned AND past.visits > 0, days)
            OR arrayExists(l -> l.started_on < {end:Date} OR l.completed_on < {end:Date}, lessons) AS heard,
        [
            last.micros,
            arrayLast(step -> step.day < {end:Date} - 7, steps).micros,
            arrayLast(step -> step.day < {end:Date} - 14, steps).micros,
            arrayLast(step -> step.day < {end:Date} - 21, steps).micros,
            arrayLast(step -> step.day < {end:Date} - 28, steps).micros,
            arrayLast(step -> step.day < {end:Date} - 35, steps).micros
        ] AS marks
    FROM learner_courses FINAL
    WHERE course_id IN {courses:Array(String)} AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
        AND student_id NOT IN (SELECT student_id FROM left_out)
)
WHERE NOT last.gone
GROUP BY course_id

-- name: class_learners
-- All who ever enrolled or learned in some courses.
SELECT DISTINCT course_id, UUIDToNum(student_id) AS student
FROM learner_courses
WHERE course_id IN {courses:Array(String)}

-- name: course_marks
-- All courses, each with its due dates and with a number that changes when its lessons or due dates do.
SELECT course_id, groupArrayArray(dates) AS due, sum(mark) AS mark
FROM
(
    SELECT course_id, [] AS dates, 0 AS mark FROM learner_courses GROUP BY course_id
    UNION ALL
    SELECT course_id, [] AS dates, cityHash64(lessons, cataloged) AS mark FROM course_orders FINAL
    UNION ALL
    SELECT course_id, arrayFilter(at -> at IS NOT NULL, [due_at]) AS dates, cityHash64(assessment_id, due_at) AS mark
    FROM course_assessments FINAL
)
GROUP BY course_id
