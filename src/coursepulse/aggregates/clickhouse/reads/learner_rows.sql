-- The learners of a class, row by row, for rules that run outside ClickHouse.

-- name: cohort_rows
-- The p15 and p50 of the completion % of everybody who is in each of some courses.
SELECT
    course_id,
    quantileExactInclusiveOrNull(0.15)(completion_pct) AS p15,
    quantileExactInclusiveOrNull(0.5)(completion_pct) AS p50,
    count() AS learners
FROM learners(courses = {courses:Array(String)}, students = CAST([], 'Array(UUID)'), start = {end:Date}, end = {end:Date})
WHERE NOT gone
GROUP BY course_id

-- name: class_rows
-- What the risk rule looks at, and what else a list shows, of everybody in a course as of {moment:DateTime64(6, 'UTC')}.
WITH
    (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String} AND cataloged) AS list,
    (
        SELECT groupArray((assessment_id, assumeNotNull(due_at)))
        FROM course_assessments FINAL
        WHERE course_id = {course:String} AND due_at <= {moment:DateTime64(6, 'UTC')}
    ) AS dues,
    (SELECT count() > 0 FROM course_assessments FINAL WHERE course_id = {course:String}) AS has_work
SELECT
    UUIDToNum(student_id) AS student_id,
    enrolled AS enrolled_at,
    toDate(joined) AS joined_on,
    if(empty(list), NULL, 100 * done / length(list)) AS completion_pct,
    (last.micros - before.micros) / 1e6 AS time_spent,
    last.visits - before.visits AS sessions,
    last.days_active - before.days_active AS days_active,
    nullIf(last.last_learning_at, toDateTime64(0, 6, 'UTC')) AS last_activity_at,
    last.rhythm AS rhythm,
    last.score_pct AS score_pct,
    last.falling AS falling,
    watched_pct,
    due,
    arrayFilter(work -> NOT has(handed, work), due) AS missing,
    toBool(has_work) AS graded,
    -- Something other than handing in: a visit in which something was learned, or a lesson.
    toBool(visited OR began) AS heard,
    toBool(declared OR (notEmpty(list) AND done = length(list))) AS completed,
    toBool(has({over:Array(String)}, {course:String})) AS over
FROM
(
    SELECT
        student_id,
        if(learner_courses.enrolled_at < {end:Date}, learner_courses.enrolled_at, NULL) AS enrolled,
        ifNull(enrolled, learned_at) AS joined,
        arrayLast(step -> step.day < {end:Date}, steps) AS last,
        arrayLast(step -> step.day < {start:Date}, steps) AS before,
        arrayLast(step -> step.day < {end:Date}, watched).pct AS watched_pct,
        arrayFilter(due -> due.2 > joined, dues).1 AS due,
        arrayFilter(hand -> hand.day < {end:Date}, handed_in).assessment_id AS handed,
        length(arrayIntersect(arrayFilter(l -> l.completed_on < {end:Date}, learner_courses.lessons).lesson_id, list)) AS done,
        arrayExists(past -> past.day < {end:Date} AND past.learned AND past.visits > 0, days) AS visited,
        arrayExists(l -> l.started_on < {end:Date} OR l.completed_on < {end:Date}, learner_courses.lessons) AS began,
        ifNull(learner_courses.declared_at < {end:Date}, false) AS declared
    FROM learner_courses FINAL
    WHERE course_id = {course:String} AND (learner_courses.enrolled_at < {end:Date} OR learned_at < {end:Date})
        AND student_id NOT IN (SELECT student_id FROM left_out)
)
WHERE NOT last.gone

-- name: learner_rows
-- Everybody who ever enrolled or learned in some courses, or completed them by the platform's word, or only some students
-- of them: the view `learners`, without what it costs to plan a view and with what these rows are asked for.
SELECT
    course_id, student_id,
    enrolled AS enrolled_at,
    ifNull(enrolled, learned) AS joined_at,
    last.gone OR joined_at IS NULL AS gone,
    declared AS declared_complete,
    last.micros / 1e6 AS time_to_date,
    (last.micros - before.micros) / 1e6 AS time_spent,
    last.visits - before.visits AS sessions,
    last.days_active - before.days_active AS days_active,
    nullIf(last.last_learning_at, toDateTime64(0, 6, 'UTC')) AS last_activity_at,
    if(cataloged AND total > 0, 100 * done / total, NULL) AS completion_pct,
    watched_pct,
    done AS lessons_completed,
    total AS total_lessons,
    last.rhythm AS rhythm,
    visited OR began AS heard,
    has({over:Array(String)}, course_id) AS over,
    handed AS handed_in,
    reached AS scores
FROM
(
    SELECT
        course_id, student_id,
        if(known.enrolled_at < {end:Date}, known.enrolled_at, NULL) AS enrolled,
        if(known.learned_at < {end:Date}, known.learned_at, NULL) AS learned,
        ifNull(known.declared_at < {end:Date}, false) AS declared,
        arrayLast(step -> step.day < {end:Date}, steps) AS last,
        arrayLast(step -> step.day < {start:Date}, steps) AS before,
        arrayLast(best -> best.day < {end:Date}, bests).scores AS reached,
        arrayLast(step -> step.day < {end:Date}, watched).pct AS watched_pct,
        arrayFilter(hand -> hand.day < {end:Date}, known.handed_in).assessment_id AS handed,
        arrayExists(past -> past.day < {end:Date} AND past.learned AND past.visits > 0, known.days) AS visited,
        arrayExists(l -> l.started_on < {end:Date} OR l.completed_on < {end:Date}, known.lessons) AS began,
        length(lists.lessons) AS total,
        lists.cataloged AS cataloged,
        toUInt64(length(arrayIntersect(
            arrayFilter(lesson -> lesson.completed_on < {end:Date}, known.lessons).lesson_id, lists.lessons
        ))) AS done
    FROM learner_courses AS known FINAL
    LEFT JOIN course_orders AS lists FINAL USING (course_id)
    WHERE course_id IN {courses:Array(String)}
        AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND (known.enrolled_at < {end:Date} OR known.learned_at < {end:Date} OR known.declared_at < {end:Date})
        AND student_id NOT IN (SELECT student_id FROM left_out)
)

-- name: heard_rows
-- Which of some courses hear enough of their learners: visits or lessons, not only work handed in.
SELECT course_id, avg(arrayExists(past -> past.day < {end:Date} AND past.learned AND past.visits > 0, days)
        OR arrayExists(l -> l.started_on < {end:Date} OR l.completed_on < {end:Date}, lessons)) AS share
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)}
    AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
    AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
    AND student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY course_id

-- name: due_rows
-- The assessments of some courses with their due dates: how many learners in the course had to hand in, and how many did.
WITH present AS
(
    SELECT course_id, joined_at, handed_in
    FROM learners(courses = {courses:Array(String)}, students = CAST([], 'Array(UUID)'), start = {end:Date}, end = {end:Date})
    WHERE NOT gone
)
SELECT
    works.course_id AS course_id,
    works.assessment_id AS assessment_id,
    any(works.kind) AS kind,
    any(due_at) AS due,
    countIf(joined_at < due_at) AS expected,
    countIf(joined_at < due_at AND has(handed_in, works.assessment_id)) AS met
FROM course_assessments AS works FINAL
LEFT JOIN present ON present.course_id = works.course_id
WHERE works.course_id IN {courses:Array(String)}
GROUP BY course_id, assessment_id

-- name: engagement_rows
-- What each active learner of a course did in each ISO week from one on, up to the last day of the period. Lists of
-- learners ask for the last seven days as one week: an ISO week that has just begun would say nothing of anybody.
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
WHERE course_id = {course:String} AND day >= {week:Date} AND day < {end:Date}
    AND learned.student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY week, learned.student_id
HAVING days_active > 0
