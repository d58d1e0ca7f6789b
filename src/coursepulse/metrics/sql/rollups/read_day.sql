-- For a rebuild: the events of one day, the day before and the day after, of one slice of the students. The students come
-- second in the key of `events`, so that of each hour only their part is read.
SELECT
    event_id, event_type, at, student_id, session_id, course_id, lesson_id, video_id, assessment_id,
    position, position_to, duration, rate, segments, score, passed, attempt, clicks
FROM events
WHERE toDate(at) IN ({day:Date} - 1, {day:Date}, {day:Date} + 1)
  AND student_id BETWEEN {first:UUID} AND {last:UUID}
  AND NOT startsWith(event_type, 'x_')
LIMIT 1 BY event_id, at
