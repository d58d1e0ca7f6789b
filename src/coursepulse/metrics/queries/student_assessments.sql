-- Every assessment of one student's courses, and those outside the catalog that the student tried.
WITH
    tries AS
    (
        SELECT
            course_id, try.1 AS assessment_id,
            uniqExact(try.2) AS attempts,
            minOrNullIf(try.3, try.4) AS handed_in_at,
            max(try.5) AS work
        FROM
        (
            SELECT
                course_id,
                arrayJoin(arrayConcat(
                    arrayMap(a -> (a.1, a.2, a.3, false, 'quiz'), quiz_attempts),
                    arrayMap(a -> (a.1, a.2, a.3, true, 'quiz'), quiz_results),
                    arrayMap(a -> (a.1, a.2, a.3, true, 'assignment'), submissions),
                    arrayMap(a -> (a.1, a.2, a.3, false, 'assignment'), grades))) AS try
            FROM student_course_days FINAL
            WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID} AND day < {end:Date}
        )
        GROUP BY course_id, assessment_id
    ),
    listed AS
    (
        SELECT course_id, assessment_id, kind, pass_mark, due_at, true AS known
        FROM course_assessments FINAL
        WHERE course_id IN {courses:Array(String)}
    )
SELECT
    course_id,
    assessment_id,
    if(known, listed.kind, work) AS kind,
    attempts,
    best AS score_pct,
    if(known, listed.pass_mark, 60) AS pass_mark,
    if(best IS NULL AND declared_passed IS NULL, NULL,
       coalesce(declared_passed, false) OR coalesce(undeclared_best >= pass_mark, false)) AS passed,
    handed_in_at,
    due_at
FROM listed
FULL JOIN tries USING (course_id, assessment_id)
LEFT JOIN learner_results(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS results
    USING (course_id, assessment_id)
ORDER BY course_id, due_at, assessment_id
