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
