-- The parts to write: days with events of a touched session, within a day of a fresh event, not frozen.
INSERT INTO touched_days
SELECT rowNumberInAllBlocks() AS n, student_id, session_id, toDate(at) AS day
FROM session_events
WHERE day NOT IN (SELECT day FROM frozen_days)
  AND (student_id, session_id, day) IN
  (
      SELECT student_id, session_id, toDate(hour) + arrayJoin([-1, 0, 1]) FROM touched_hours
  )
LIMIT 1 BY student_id, session_id, day
