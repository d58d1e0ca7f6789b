-- How many events a day has, and their ids one behind the other; no more than a number of them.
SELECT count(*), string_agg(uuid_send(event_id), ''::bytea)
FROM (SELECT event_id FROM student_activity_events WHERE event_date = %(day)s LIMIT %(most)s) AS of_day
