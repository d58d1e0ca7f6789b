-- Keep the staged events that are not stored yet.
INSERT INTO student_activity_events (
    event_id, student_id, session_id, event_timestamp, event_date, log_position, received_at,
    event_type, course_id, lesson_id, video_id, assessment_id,
    device_type, browser, os, ip_address, country_code, event_data
)
SELECT
    event_id, student_id, session_id, event_timestamp, event_date, log_position, received_at,
    event_type, course_id, lesson_id, video_id, assessment_id,
    device_type, browser, os, ip_address, country_code, event_data
FROM staging_events
ON CONFLICT (event_id, event_date) DO NOTHING
