-- Everybody who ever had an event, and everybody whom the roster names.
SELECT DISTINCT student_id FROM active_days
UNION DISTINCT
SELECT student_id FROM roster_enrolments
