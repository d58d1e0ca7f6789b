-- Titles and names beside numbers.

-- name: assessment_titles
-- Titles of the assessments of some courses.
SELECT course_id, assessment_id, title FROM assessments WHERE course_id = ANY(%(courses)s)

-- name: course_titles
-- Titles of courses.
SELECT course_id, title FROM courses WHERE course_id = ANY(%(courses)s)

-- name: course_items
-- What there is to do in some courses, with titles, seconds of video, and where it is on the platform; a part without an
-- address of its own has that of its lesson or course.
SELECT course_id, 'course' AS kind, course_id AS item_id, title AS item, NULL::float8 AS length, url
FROM courses WHERE course_id = ANY(%(courses)s)
UNION ALL
SELECT course_id, 'lesson', lesson_id, lessons.title, sum(duration_s), coalesce(nullif(lessons.url, ''), min(courses.url))
FROM lessons JOIN courses USING (course_id) LEFT JOIN videos USING (course_id, lesson_id)
WHERE course_id = ANY(%(courses)s)
GROUP BY course_id, lesson_id
UNION ALL
SELECT course_id, 'video', video_id, videos.title, duration_s, coalesce(nullif(lessons.url, ''), courses.url)
FROM videos JOIN courses USING (course_id) LEFT JOIN lessons USING (course_id, lesson_id)
WHERE course_id = ANY(%(courses)s)
UNION ALL
SELECT course_id, assessments.kind, assessment_id, assessments.title, NULL, coalesce(nullif(assessments.url, ''), courses.url)
FROM assessments JOIN courses USING (course_id)
WHERE course_id = ANY(%(courses)s)

-- name: exercise_titles
-- Titles of exercises, where a platform calls them like a lesson, video or assessment of its catalog.
SELECT course_id, lesson_id AS interactive_id, title FROM lessons WHERE course_id = ANY(%(courses)s)
UNION ALL
SELECT course_id, video_id, title FROM videos WHERE course_id = ANY(%(courses)s)
UNION ALL
SELECT course_id, assessment_id, title FROM assessments WHERE course_id = ANY(%(courses)s)

-- name: live_titles
-- Titles of live classes, where a platform calls them like a lesson of its catalog.
SELECT course_id, lesson_id AS live_session_id, title FROM lessons WHERE course_id = ANY(%(courses)s)

-- name: lesson_titles
-- Titles of the lessons of some courses.
SELECT course_id, lesson_id, title FROM lessons WHERE course_id = ANY(%(courses)s)

-- name: student_names
-- Names of students by pseudonym.
SELECT student_id, name FROM people WHERE student_id = ANY(%(students)s) AND name <> ''

-- name: video_titles
-- Titles of the videos of some courses.
SELECT course_id, video_id, title FROM videos WHERE course_id = ANY(%(courses)s)
