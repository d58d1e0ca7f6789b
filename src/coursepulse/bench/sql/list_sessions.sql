-- Sessions in which the next events of the day happen.
SELECT student_id, session_id, course_id, last_at FROM session_parts FINAL
WHERE day = {day:Date} AND last_at < {until:DateTime64(6, 'UTC')}
ORDER BY last_at DESC LIMIT {sessions:UInt32}
