-- The hours of the touched sessions that the cycle must read.
INSERT INTO session_hours
SELECT DISTINCT student_id, session_id, hour
FROM hot_hours
WHERE (student_id, session_id, toDate(hour)) IN
(
    SELECT student_id, session_id, toDate(hour) + arrayJoin([-2, -1, 0, 1, 2]) FROM touched_hours
)
