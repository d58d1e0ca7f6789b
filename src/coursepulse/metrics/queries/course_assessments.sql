-- Attempts, passes and the spread of best scores of each assessment of a course.
WITH
    tries AS
    (
        SELECT assessment_id, count() AS attempts, max(kind) AS work
        FROM
        (
            SELECT arrayJoin(arrayDistinct(arrayMap(
                t -> (t.assessment_id, t.attempt, t.work),
                arrayFilter(t -> t.at < toDateTime64({end:Date}, 6, 'UTC') AND (t.work = 'quiz') != t.handed_in, tries)))) AS try,
                try.1 AS assessment_id, try.3 AS kind
            FROM learner_courses FINAL
            WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM no_learners)
        )
        GROUP BY assessment_id
    ),
    results AS
    (
        SELECT
            assessment_id,
            count(best) AS learners,
            count() AS with_result,
            avgOrNull(best) AS score_pct,
            countIf(coalesce(declared_passed, false)
                OR coalesce(undeclared_best >= if(mark.known, mark.pass_mark, 60), false)) AS passed,
            sumForEach(arrayMap(ten -> toUInt64(coalesce(least(9, intDiv(toUInt64(best), 10)) = ten, false)), range(10))) AS bins
        FROM learner_results(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS best
        LEFT JOIN
        (
            SELECT assessment_id, pass_mark, true AS known FROM course_assessments FINAL WHERE course_id = {course:String}
        ) AS mark USING (assessment_id)
        WHERE student_id NOT IN (SELECT student_id FROM no_learners)
        GROUP BY assessment_id
    ),
    listed AS
    (
        SELECT assessment_id, kind, due_at, true AS known FROM course_assessments FINAL WHERE course_id = {course:String}
    )
SELECT
    assessment_id,
    if(listed.known, listed.kind, if(work = '', 'assignment', work)) AS kind,
    learners,
    attempts,
    score_pct,
    passed,
    if(with_result = 0, NULL, 100 * passed / with_result) AS passed_pct,
    if(empty(bins), arrayWithConstant(10, toUInt64(0)), bins) AS bins
FROM (SELECT arrayJoin(arrayDistinct(arrayConcat(
    (SELECT groupArray(assessment_id) FROM listed), (SELECT groupArray(assessment_id) FROM tries),
    (SELECT groupArray(assessment_id) FROM results)))) AS assessment_id) AS every
LEFT JOIN listed USING (assessment_id)
LEFT JOIN tries USING (assessment_id)
LEFT JOIN results USING (assessment_id)
ORDER BY due_at, assessment_id
