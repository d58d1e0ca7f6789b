-- Raw events of one UTC day of a synthetic campus: students and sessions of sixteen bytes, thirty events a session.
INSERT INTO student_activity_events (
    event_id, student_id, session_id, event_timestamp, event_date, log_position, received_at,
    event_type, course_id, lesson_id, device_type, browser, os, ip_address, event_data
)
SELECT
    gen_random_uuid(),
    md5('student-' || (n / 30 * 7919 %% %(students)s)::text)::uuid,
    md5('session-' || %(day)s::text || (n / 30)::text)::uuid,
    %(day)s::date + n * interval '1 day' / %(events)s,
    %(day)s::date,
    n,
    now(),
    'video_progress', 'course-' || n %% 200, 'lesson-' || n %% 30, 'desktop', 'Chrome 142', 'Windows 11', '192.0.2.0/24',
    '{"current_time": 12.5, "video_duration": 600}'
FROM generate_series(0, %(events)s - 1) AS n
