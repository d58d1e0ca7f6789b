-- The p15 and p50 of the completion % of everybody who is in each of some courses.
SELECT
    course_id,
    quantileExactInclusiveOrNull(0.15)(completion_pct) AS p15,
    quantileExactInclusiveOrNull(0.5)(completion_pct) AS p50,
    count() AS learners
FROM learners(courses = {courses:Array(String)}, students = CAST([], 'Array(UUID)'), start = {end:Date}, end = {end:Date})
WHERE NOT gone
GROUP BY course_id
