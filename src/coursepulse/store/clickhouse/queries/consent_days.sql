-- The UTC days on which some students had events.
SELECT DISTINCT day FROM student_days WHERE student_id IN {students:Array(UUID)}
