-- What alerts are about, by name, and the events behind them: under the viewer of the transaction. And assessments.

-- name: student_names
-- Names of students by pseudonym, of those that the viewer may know by name.
SELECT student_id, name FROM people WHERE student_id = ANY(%(students)s) AND name <> ''

-- name: student_contacts
-- Names, addresses and clocks of students by pseudonym, of those that the viewer may know by name.
SELECT student_id, name, email, time_zone FROM people WHERE student_id = ANY(%(students)s)

-- name: course_titles
-- Titles of courses.
SELECT course_id, title FROM courses WHERE course_id = ANY(%(courses)s) AND title <> ''

-- name: item_titles
-- Titles of lessons, videos and assessments, by course and id.
SELECT i.course_id, i.item, i.title
FROM (
    SELECT course_id, lesson_id AS item, title FROM lessons
    UNION ALL SELECT course_id, video_id, title FROM videos
    UNION ALL SELECT course_id, assessment_id, title FROM assessments
) AS i
JOIN unnest(%(courses)s::text[], %(items)s::text[]) AS wanted (course_id, item)
    ON i.course_id = wanted.course_id AND i.item = wanted.item
WHERE i.title <> ''

-- name: evidence
-- Some events, oldest first, as far as the viewer may see what a student did. The days find their partitions.
SELECT event_id, event_type, event_timestamp, lesson_id, video_id, assessment_id
FROM student_activity_events
WHERE event_id = ANY(%(events)s) AND event_date BETWEEN %(first)s AND %(last)s
ORDER BY event_timestamp, event_id

-- name: assessments
-- What rules about streaks must know of every assessment.
SELECT course_id, assessment_id, coalesce(skills[1], ''), pass_mark::double precision FROM assessments
