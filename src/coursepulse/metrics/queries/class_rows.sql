-- Everybody who is in a course, with the risk rule of learning/risk.py applied to them as of {moment:DateTime64(6, 'UTC')}.
WITH
    (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String}) AS list,
    (
        SELECT groupArray((assessment_id, assumeNotNull(due_at)))
        FROM course_assessments FINAL
        WHERE course_id = {course:String} AND due_at <= {moment:DateTime64(6, 'UTC')}
    ) AS dues,
    toDate({moment:DateTime64(6, 'UTC')}) AS today,
    class AS
    (
        SELECT
            student_id,
            if(learner_courses.enrolled_at < {end:Date}, learner_courses.enrolled_at, NULL) AS enrolled,
            ifNull(enrolled, learned_at) AS joined,
            arrayLast(step -> step.day < {end:Date}, steps) AS last,
            arrayLast(step -> step.day < {start:Date}, steps) AS before,
            arrayFilter(due -> due.2 > joined, dues).1 AS due,
            length(due) AS due_passed,
            arrayCount(id -> NOT has(arrayFilter(hand -> hand.day < {end:Date}, handed_in).assessment_id, id), due) AS missed,
            if(empty(list), NULL, 100 * length(arrayIntersect(
                arrayFilter(l -> l.completed_on < {end:Date}, learner_courses.lessons).lesson_id, list)) / length(list)) AS progress
        FROM learner_courses FINAL
        WHERE course_id = {course:String} AND (learner_courses.enrolled_at < {end:Date} OR learned_at < {end:Date})
            AND student_id NOT IN (SELECT student_id FROM left_out)
    ),
    coverage AS
    (
        SELECT student_id, avgOrNull(least(100., 100 * covered / duration)) AS watched
        FROM
        (
            SELECT student_id, duration, arrayLast(step -> step.day < {end:Date}, steps).covered AS covered
            FROM learner_watch FINAL
            WHERE course_id = {course:String} AND duration IS NOT NULL
        )
        WHERE covered > 0
        GROUP BY student_id
    ),
    present AS
    (
        SELECT
            student_id, enrolled, joined, due_passed, missed, progress, watched,
            last.micros - before.micros AS micros,
            last.visits - before.visits AS visits,
            last.days_active - before.days_active AS days_active,
            last.rhythm AS rhythm,
            last.score_pct AS score_pct,
            last.falling AS falling,
            nullIf(last.last_learning_at, toDateTime64(0, 6, 'UTC')) AS last_at,
            today - toDate(last_at) AS days_silent
        FROM class
        LEFT JOIN coverage USING (student_id)
        WHERE NOT last.gone
    )
SELECT
    student_id, enrolled AS enrolled_at, progress AS completion_pct, micros / 1e6 AS time_spent, visits AS sessions, days_active,
    watched AS watched_pct, score_pct, last_at AS last_activity_at, days_silent, missed,
    arrayFilter(reason -> reason.2 > 0, arrayZip(
        ['never_active', 'inactive', 'slowing', 'missed_due', 'low_scores', 'falling_scores', 'behind_cohort', 'low_coverage'],
        points)) AS reasons,
    arraySum(points) AS risk_score,
    multiIf(
        today - toDate(joined) < 7 OR (days_silent IS NULL AND due_passed = 0), 'not_enough_information',
        risk_score >= 40, 'struggling',
        risk_score < 10 AND score_pct >= 80 AND progress >= marks[2], 'excelling',
        'on_track') AS bucket
FROM
(
    SELECT
        *,
        [30 * (days_silent IS NULL), 30 * ifNull(days_silent > 4 * rhythm, 0),
         15 * ifNull(days_silent > 2 * rhythm AND days_silent <= 4 * rhythm, 0),
         least(20, 10 * missed), 15 * ifNull(score_pct < 60, 0), 10 * falling,
         15 * ifNull(progress < marks[1], 0), 10 * ifNull(watched < 40, 0)] AS points
    FROM (SELECT *, quantilesExactInclusive(0.15, 0.5)(progress) OVER () AS marks FROM present)
)
ORDER BY student_id
