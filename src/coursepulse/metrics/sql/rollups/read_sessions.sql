-- The raw events of the touched sessions, each once, without the platform's own `x_` types.
INSERT INTO session_events
SELECT *
FROM events
PREWHERE (student_id, session_id) IN (SELECT student_id, session_id FROM session_hours)
WHERE toDate(at) IN (SELECT toDate(hour) FROM session_hours)
  AND (toStartOfHour(at), student_id) IN (SELECT hour, student_id FROM session_hours)
  AND NOT startsWith(event_type, 'x_')
LIMIT 1 BY event_id
