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
    -- Something else than handing in: a visit in which something was learned, or a lesson.
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
