-- Every quiz and assignment.
SELECT course_id, assessment_id, kind, pass_mark, due_at FROM assessments
