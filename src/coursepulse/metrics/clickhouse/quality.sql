-- What is missing in the data of courses.

-- name: quality_courses
-- Courses with events whose lessons nobody has told us.
SELECT course_id, sum(days.events) AS events, uniqExact(student_id) AS learners
FROM active_days AS days FINAL
WHERE day >= {start:Date} AND day < {end:Date} AND course_id != ''
    AND course_id NOT IN (SELECT course_id FROM course_lessons FINAL)
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY course_id
ORDER BY events DESC, course_id

-- name: quality_players
-- Courses whose player starts videos and never says that one was paused. Few starts say nothing about a player.
SELECT
    course_id,
    countIf(event_type = 'video_play') AS plays,
    countIf(event_type = 'video_progress') AS heartbeats,
    uniqExact(student_id) AS learners
FROM events FINAL
WHERE at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND startsWith(event_type, 'video_') AND course_id != ''
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY course_id
HAVING plays >= 20 AND learners >= 5 AND countIf(event_type = 'video_pause') = 0
ORDER BY plays DESC, course_id
