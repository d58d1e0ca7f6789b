-- What leaves for the warehouse of the catalog.

-- name: table_courses
-- Courses.
SELECT course_id, nullif(title, '') AS title, starts_on, ends_on FROM courses

-- name: table_lessons
-- Lessons.
SELECT course_id, lesson_id, nullif(title, '') AS title, place, skills FROM lessons

-- name: table_videos
-- Videos.
SELECT course_id, video_id, nullif(lesson_id, '') AS lesson_id, nullif(title, '') AS title, duration_s FROM videos

-- name: table_assessments
-- Quizzes and assignments.
SELECT
    course_id, assessment_id, nullif(title, '') AS title, kind, pass_mark::float8 AS pass_mark, due_at, skills
FROM assessments
