-- The hours in which the touched sessions have events, from two days before a touched day to two days after it.
-- A fresh event changes the parts of its day and of the days beside it, and each of those is judged from the days
-- beside it in turn. Rows that a later cycle has replaced may name hours too many: that costs time, nothing else.
INSERT INTO session_hours
SELECT DISTINCT student_id, session_id, hour
FROM
(
    SELECT student_id, session_id, hour FROM touched_hours
    UNION ALL
    SELECT
        student_id,
        session_id,
        arrayJoin(range(toUnixTimestamp(toStartOfHour(first_at)), toUnixTimestamp(last_at) + 1, 3600)) AS hour
    FROM session_parts
    WHERE (day, student_id, session_id) IN
    (
        SELECT toDate(hour) + arrayJoin([-2, -1, 0, 1, 2]), student_id, session_id FROM touched_hours
    )
)
