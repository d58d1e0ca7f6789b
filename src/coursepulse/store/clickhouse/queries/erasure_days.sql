-- The UTC days on which the student was active.
SELECT DISTINCT day FROM active_days WHERE student_id = {student:UUID}
