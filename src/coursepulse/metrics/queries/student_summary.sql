-- How one student stands in all courses at the end of each of some periods.
SELECT
    nth,
    {student:UUID} AS student_id,
    (SELECT max(zone.time_zone) FROM students AS zone FINAL WHERE zone.student_id = {student:UUID}) AS zone,
    courses_enrolled,
    courses_completed,
    score_pct
FROM (SELECT arrayJoin(arrayEnumerate({periods:Array(Tuple(Date, Date))})) AS nth) AS asked
LEFT JOIN
(
    SELECT
        nth,
        countIf(NOT gone) AS courses_enrolled,
        countIf(declared OR (cataloged AND notEmpty(list) AND completed = length(list))) AS courses_completed,
        avgOrNullArray(scores) AS score_pct
    FROM
    (
        SELECT
            nth,
            lists.lessons AS list,
            lists.cataloged AS cataloged,
            arrayLast(step -> step.day < period.2, steps).gone
                OR NOT ifNull(known.enrolled_at < period.2 OR known.learned_at < period.2, false) AS gone,
            coalesce(known.declared_at < period.2, false) AS declared,
            arrayLast(best -> best.day < period.2, bests).scores AS scores,
            length(arrayIntersect(arrayFilter(l -> l.completed_on < period.2, known.lessons).lesson_id, list)) AS completed
        FROM learner_courses AS known FINAL
        LEFT JOIN course_orders AS lists FINAL USING (course_id)
        ARRAY JOIN {periods:Array(Tuple(Date, Date))} AS period, arrayEnumerate({periods:Array(Tuple(Date, Date))}) AS nth
        WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID}
            AND (known.enrolled_at < period.2 OR known.learned_at < period.2 OR known.declared_at < period.2)
            AND student_id NOT IN (SELECT student_id FROM left_out)
    )
    GROUP BY nth
) AS standing USING (nth)
ORDER BY nth
