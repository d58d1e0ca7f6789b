-- Take new events of one day in as binary rows, in the order of rows.TYPES.
COPY {partition} (
    event_id, student_id, session_id, event_timestamp, event_date, log_position, received_at,
    event_type, course_id, lesson_id, video_id, assessment_id,
    device_type, browser, os, ip_address, country_code, event_data
) FROM STDIN (FORMAT binary)
