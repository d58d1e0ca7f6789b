-- Adds to the hot part all parts of the touched days of students that it does not know there.
INSERT INTO hot_parts
SELECT *
FROM session_parts FINAL
PREWHERE (day, student_id) IN
(
    SELECT day, student_id
    FROM touched_days
    WHERE (day, student_id) NOT IN (SELECT day, student_id FROM hot_parts)
)
