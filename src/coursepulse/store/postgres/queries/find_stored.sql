-- Which of these ids are stored on a day, and the log positions that carried them. LATERAL with LIMIT: one index look-up each.
SELECT sent.event_id, stored.log_position
FROM unnest(%(events)s::uuid[]) AS sent (event_id)
CROSS JOIN LATERAL (
    SELECT log_position
    FROM student_activity_events
    WHERE event_id = sent.event_id AND event_date = %(day)s
    LIMIT 1
) AS stored
