-- Titles and names beside numbers.

-- name: assessment_titles
-- Titles of the assessments of some courses.
SELECT course_id, assessment_id, title FROM assessments WHERE course_id = ANY(%(courses)s)

-- name: course_titles
-- Titles of courses.
SELECT course_id, title FROM courses WHERE course_id = ANY(%(courses)s)

-- name: lesson_titles
-- Titles of the lessons of some courses.
SELECT course_id, lesson_id, title FROM lessons WHERE course_id = ANY(%(courses)s)

-- name: student_names
-- Names of students by pseudonym.
SELECT student_id, name FROM people WHERE student_id = ANY(%(students)s) AND name <> ''

-- name: video_titles
-- Titles of the videos of some courses.
SELECT course_id, video_id, title FROM videos WHERE course_id = ANY(%(courses)s)
