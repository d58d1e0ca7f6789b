-- Every assessment of one student's courses, and those outside the catalog that the student tried.
SELECT
    course_id,
    assessment_id,
    if(known, listed.kind, tried.work) AS kind,
    tried.attempts AS attempts,
    tried.best AS score_pct,
    if(known, listed.pass_mark, 60) AS pass_mark,
    if(tried.best IS NULL AND tried.passed IS NULL, NULL,
       coalesce(tried.passed, false) OR coalesce(tried.undeclared_best >= pass_mark, false)) AS passed,
    nullIf(tried.handed_in_at, toDateTime64(0, 6, 'UTC')) AS handed_in_at,
    due_at
FROM
(
    SELECT course_id, assessment_id, kind, pass_mark, due_at, true AS known
    FROM course_assessments FINAL
    WHERE course_id IN {courses:Array(String)}
) AS listed
FULL JOIN
(
    SELECT
        course_id, tried.assessment_id AS assessment_id, tried.work AS work, tried.attempts AS attempts, tried.best AS best,
        tried.passed AS passed, tried.undeclared_best AS undeclared_best, tried.handed_in_at AS handed_in_at
    FROM learner_courses FINAL
    ARRAY JOIN arrayFilter(a -> a.day < {end:Date} AND a.until >= {end:Date}, assessments) AS tried
    WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID}
) AS tried USING (course_id, assessment_id)
ORDER BY course_id, due_at, assessment_id
