-- Measuring the metrics.

-- name: stored_bytes
-- Bytes on disk per row of the raw events.
SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts
WHERE active AND database = currentDatabase() AND table = 'events'

-- name: pick_student
-- One student of a course, with many days in it.
SELECT student_id FROM student_course_days WHERE course_id = {course:String}
GROUP BY student_id ORDER BY count() DESC, student_id LIMIT 1

-- name: do_nothing
-- The fastest answer that there is.
SELECT 1

-- name: list_sessions
-- Sessions in which the next events of the day happen.
SELECT student_id, session_id, course_id, last_at FROM session_parts FINAL
WHERE day = {day:Date} AND last_at < {until:DateTime64(6, 'UTC')}
ORDER BY last_at DESC LIMIT {sessions:UInt32}
