-- Which question tests which skill, as the catalog says.

-- name: skill_map
-- The skills of each assessment that names any, course by course.
SELECT course_id, assessment_id, '' AS question_id, skills
FROM assessments
WHERE cardinality(skills) > 0
ORDER BY course_id, assessment_id, question_id
