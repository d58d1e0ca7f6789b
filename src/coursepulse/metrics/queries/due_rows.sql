-- The due dates of some courses.
SELECT course_id, assessment_id, assumeNotNull(due_at) AS due_at
FROM course_assessments FINAL
WHERE course_id IN {courses:Array(String)} AND due_at IS NOT NULL
