-- Positions of the staged events that another position carried first. LATERAL with LIMIT: one index look-up each.
SELECT staged.log_position
FROM staging_events AS staged
CROSS JOIN LATERAL (
    SELECT stored.log_position
    FROM student_activity_events AS stored
    WHERE stored.event_id = staged.event_id AND stored.event_date = staged.event_date
    LIMIT 1
) AS first
WHERE first.log_position <> staged.log_position
