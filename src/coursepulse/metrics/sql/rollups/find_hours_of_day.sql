-- For a rebuild: the hours of every session of one day, the day before and the day after, for one slice of the students.
INSERT INTO session_hours
SELECT DISTINCT student_id, session_id, toStartOfHour(at) AS hour
FROM events
WHERE toDate(at) IN ({day:Date} - 1, {day:Date}, {day:Date} + 1)
  AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
