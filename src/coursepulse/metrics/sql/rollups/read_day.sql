-- For a rebuild: the events of one day, the day before and the day after, for one slice of the students.
SELECT
    event_id, event_type, at, student_id, session_id, course_id, lesson_id, video_id, assessment_id,
    position, position_to, duration, rate, segments, score, passed, attempt, clicks
FROM events
WHERE toDate(at) IN ({day:Date} - 1, {day:Date}, {day:Date} + 1)
  AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
  AND NOT startsWith(event_type, 'x_')
LIMIT 1 BY event_id
