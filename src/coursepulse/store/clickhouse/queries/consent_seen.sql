-- Everybody who ever had an event.
SELECT DISTINCT student_id FROM active_days
