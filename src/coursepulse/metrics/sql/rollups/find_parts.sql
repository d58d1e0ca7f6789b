-- All parts of the days of students in `wanted_days`.
SELECT *
FROM session_parts FINAL
PREWHERE (day, student_id) IN (SELECT day, student_id FROM wanted_days)
