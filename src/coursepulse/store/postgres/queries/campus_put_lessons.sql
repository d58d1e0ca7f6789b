-- Writes the lessons of courses in their order.
INSERT INTO lessons (course_id, lesson_id, title, place, skills)
SELECT course_id, lesson_id, title, place, skills
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, lesson_id text, title text, place integer, skills text[]
)
