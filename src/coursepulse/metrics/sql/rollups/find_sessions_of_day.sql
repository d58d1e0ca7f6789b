-- For a rebuild: every part of one day.
INSERT INTO touched_days
SELECT rowNumberInAllBlocks() AS n, student_id, session_id, toDate(at) AS day
FROM session_events
WHERE day = {day:Date}
LIMIT 1 BY student_id, session_id
