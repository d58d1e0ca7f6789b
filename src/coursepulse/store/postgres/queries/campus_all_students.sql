-- What the metrics must know about every person.
SELECT student_id, time_zone, is_staff, is_test FROM people
