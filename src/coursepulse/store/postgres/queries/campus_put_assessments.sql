-- Writes the quizzes and assignments of courses.
INSERT INTO assessments (course_id, assessment_id, title, kind, pass_mark, due_at, skills)
SELECT course_id, assessment_id, title, kind, pass_mark, due_at, skills
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, assessment_id text, title text, kind text, pass_mark real, due_at timestamptz, skills text[]
)
