-- The assessments of some courses with their due dates: how many who are in the course had to hand in, and how many have.
WITH present AS
(
    SELECT course_id, joined_at, handed_in
    FROM learners(courses = {courses:Array(String)}, students = CAST([], 'Array(UUID)'), start = {end:Date}, end = {end:Date})
    WHERE NOT gone
)
SELECT
    works.course_id AS course_id,
    works.assessment_id AS assessment_id,
    any(due_at) AS due,
    countIf(joined_at < due_at) AS expected,
    countIf(joined_at < due_at AND has(handed_in, works.assessment_id)) AS met
FROM course_assessments AS works FINAL
LEFT JOIN present ON present.course_id = works.course_id
WHERE works.course_id IN {courses:Array(String)}
GROUP BY course_id, assessment_id
