-- Attempts, passes and the spread of best scores of each assessment of a course.
WITH listed AS
(
    SELECT assessment_id, kind, pass_mark, due_at, true AS known FROM course_assessments FINAL WHERE course_id = {course:String}
)
SELECT
    assessment_id,
    if(known, listed.kind, work) AS kind,
    length(bests) AS learners,
    attempts,
    arrayReduce('avgOrNull', bests) AS score_pct,
    passed,
    if(with_result = 0, NULL, 100 * passed / with_result) AS passed_pct,
    -- full marks are in the last ten
    arrayMap(ten -> countEqual(arrayMap(best -> least(9, intDiv(toUInt64(best), 10)), bests), ten), range(10)) AS bins
FROM listed
FULL JOIN
(
    SELECT
        tried.assessment_id AS assessment_id,
        max(tried.work) AS work,
        sum(tried.begun) AS attempts,
        groupArray(assumeNotNull(tried.best)) FILTER (WHERE tried.best IS NOT NULL) AS bests,
        countIf(tried.resulted) AS with_result,
        countIf(coalesce(tried.passed, false) OR coalesce(tried.undeclared_best >= if(mark.known, mark.pass_mark, 60), false))
            AS passed
    FROM
    (
        SELECT arrayJoin(arrayFilter(a -> a.day < {end:Date} AND a.until >= {end:Date}, assessments)) AS tried
        FROM learner_courses FINAL
        WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM no_learners)
            AND student_id NOT IN {apart:Array(UUID)}
    ) AS class
    LEFT JOIN listed AS mark ON mark.assessment_id = tried.assessment_id
    GROUP BY assessment_id
) AS results USING (assessment_id)
ORDER BY due_at, assessment_id
