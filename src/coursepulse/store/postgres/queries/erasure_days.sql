-- The UTC days on which a student has raw events.
SELECT DISTINCT event_date FROM student_activity_events WHERE student_id = %(student)s
