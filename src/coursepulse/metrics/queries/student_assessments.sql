-- Every assessment of one student's courses, and those outside the catalog that the student tried.
WITH
    tries AS
    (
        SELECT
            course_id,
            try.assessment_id AS assessment_id,
            uniqExact(try.attempt) AS attempts,
            minOrNullIf(try.at, try.handed_in) AS handed_in_at,
            max(try.work) AS work
        FROM learner_courses FINAL
        ARRAY JOIN tries AS try
        WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID} AND try.at < toDateTime64({end:Date}, 6, 'UTC')
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
