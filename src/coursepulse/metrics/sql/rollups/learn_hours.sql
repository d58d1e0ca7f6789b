-- Adds the hours of the touched sessions to the hot part; of those that it does not know, from two days before to
-- two days after. A fresh event changes the parts of its day and of the days beside it, and each of those is judged
-- from the days beside it in turn. A part names its first and last hour: some hours too many cost time, nothing else.
INSERT INTO hot_hours
SELECT student_id, session_id, hour, toDate(hour) FROM touched_hours
UNION ALL
SELECT
    student_id,
    session_id,
    arrayJoin(range(toUnixTimestamp(toStartOfHour(first_at)), toUnixTimestamp(last_at) + 1, 3600)) AS hour_of_part,
    toDate(0)
FROM session_parts
PREWHERE (day, student_id, session_id) IN
(
    SELECT toDate(hour) + arrayJoin([-2, -1, 0, 1, 2]), student_id, session_id
    FROM touched_hours
    WHERE (student_id, session_id, toDate(hour)) NOT IN (SELECT student_id, session_id, day FROM hot_hours)
)
