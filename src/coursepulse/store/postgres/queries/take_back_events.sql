-- Removes events of one day by their ids.
DELETE FROM student_activity_events WHERE event_date = %(day)s AND event_id = ANY (%(events)s::uuid[])
