-- A class as a whole, in each of some periods.
WITH
    (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String} AND cataloged) AS list,
    class AS
    (
        SELECT
            student_id,
            nth,
            student_id NOT IN (SELECT student_id FROM left_out)
                AND student_id NOT IN {apart:Array(UUID)} AS agreed,
            arrayLast(step -> step.day < period.2, steps) AS last,
            arrayLast(step -> step.day < period.1, steps) AS before,
            arrayLast(step -> step.day < period.2, learner_courses.watched).pct AS pct,
            length(arrayIntersect(arrayFilter(l -> l.completed_on < period.2, learner_courses.lessons).lesson_id, list)) AS completed
        FROM learner_courses FINAL
        ARRAY JOIN {periods:Array(Tuple(Date, Date))} AS period, arrayEnumerate({periods:Array(Tuple(Date, Date))}) AS nth
        WHERE course_id = {course:String} AND (enrolled_at < period.2 OR learned_at < period.2)
            AND student_id NOT IN (SELECT student_id FROM no_learners)
    ),
    learned AS
    (
        SELECT
            nth,
            countIf(NOT last.gone) AS learners_enrolled,
            countIf(agreed AND last.days_active > before.days_active) AS active_learners,
            sumIf(last.micros - before.micros, agreed) / 1e6 AS time_spent,
            -- of those who are in the course and agreed
            groupArrayIf((completed, last.score_pct, pct), agreed AND NOT last.gone) AS here
        FROM class
        GROUP BY nth
    )
SELECT
    nth,
    {course:String} AS course_id,
    learners_enrolled, active_learners, time_spent,
    if(empty(list), NULL, arrayReduce('avgOrNull', here.1) * 100 / length(list)) AS completion_pct,
    arrayReduce('avg', here.2) AS score_pct,
    arrayReduce('avg', here.3) AS watched_pct,
    -- how many are behind each mean
    if(empty(list), 0, length(here)) AS with_completion,
    arrayReduce('count', here.2) AS with_score,
    arrayReduce('count', here.3) AS with_watched
FROM (SELECT arrayJoin(arrayEnumerate({periods:Array(Tuple(Date, Date))})) AS nth) AS asked
LEFT JOIN learned USING (nth)
ORDER BY nth
