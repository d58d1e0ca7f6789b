-- The raw events of a student, in order.
SELECT * FROM student_activity_events WHERE student_id = %(student)s ORDER BY event_timestamp, event_id
