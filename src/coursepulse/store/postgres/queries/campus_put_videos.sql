-- Writes the videos of courses.
INSERT INTO videos (course_id, video_id, lesson_id, title, duration_s)
SELECT course_id, video_id, lesson_id, title, duration_s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    course_id text, video_id text, lesson_id text, title text, duration_s double precision
)
