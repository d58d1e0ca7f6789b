-- A whole campus in both databases.

-- name: campus_courses
-- The courses of the campus.
INSERT INTO courses (course_id, title) SELECT 'course-' || n, 'Course ' || n FROM generate_series(0, %(courses)s - 1) AS n
ON CONFLICT DO NOTHING

-- name: campus_people
-- Everybody of the campus on the roster.
INSERT INTO people (student_id, external_id, name, email)
SELECT md5('student-' || n)::uuid, 'student-' || n, 'Student ' || n, 'student-' || n || '@campus.example'
FROM generate_series(0, %(students)s - 1) AS n

-- name: campus_enrolments
-- Everybody is enrolled where they learn.
INSERT INTO enrolments (course_id, student_id, status)
SELECT 'course-' || n %% %(courses)s, md5('student-' || n)::uuid, 'active' FROM generate_series(0, %(students)s - 1) AS n

-- name: campus_consents
-- Everybody has agreed to everything.
INSERT INTO consents (student_id, purpose, granted, text_version, source, recorded_at)
SELECT md5('student-' || n)::uuid, purpose, true, '1', 'bench', now()
FROM generate_series(0, %(students)s - 1) AS n,
    unnest(ARRAY['analytics', 'personalisation', 'research', 'employer_sharing']) AS purpose

-- name: campus_accounts
-- An account that is called like a student of the campus is that of the student.
UPDATE accounts SET student_id = md5(login_name)::uuid WHERE login_name LIKE 'student-%%'

-- name: campus_team
-- The first students of the campus are a team.
INSERT INTO team_people (team_id, student_id, manages)
SELECT 'bench', md5('student-' || n)::uuid, false FROM generate_series(0, 199) AS n

-- name: optimise
-- Merges every part of a table, as a night at rest would.
OPTIMIZE TABLE {table:Identifier} FINAL

-- name: campus_events
-- Raw events in PostgreSQL as fill_events makes them in ClickHouse: sessions `first` to `last`, 30 events each.
INSERT INTO student_activity_events (
    event_id, student_id, session_id, event_timestamp, event_date, log_position, received_at, event_type,
    course_id, lesson_id, video_id, assessment_id, device_type, browser, os, ip_address, country_code, event_data
)
SELECT
    gen_random_uuid(), md5('student-' || student)::uuid, md5('session-' || session)::uuid,
    at, (at AT TIME ZONE 'UTC')::date, session, at, kind,
    course, 'lesson-' || lesson, CASE WHEN video THEN course || '-lesson-' || lesson || '-video' END,
    CASE WHEN video THEN NULL ELSE 'lesson-' || lesson || '-quiz' END,
    'desktop', 'Chrome 142', 'Windows 11', '192.0.2.0/24', 'IT',
    CASE
        WHEN video THEN jsonb_build_object(
            'current_time', step %% 15 * 60 + 0.5, 'video_duration', 600, 'playback_rate', 1.0,
            'video_quality', '720p', 'buffer_health', 12.5)
        WHEN kind = 'quiz_submit' THEN jsonb_build_object('score', 7, 'max_score', 10, 'attempt', 1)
        ELSE jsonb_build_object('question_id', 'q' || step %% 15, 'answer_id', 'b', 'is_correct', true, 'attempt', 1)
    END
FROM (
    SELECT
        session, step, session * 7919 %% %(students)s AS student,
        'course-' || session * 7919 %% %(students)s %% %(courses)s AS course,
        (session / %(students)s * 2 + step / 15) %% 30 AS lesson,
        step %% 15 BETWEEN 1 AND 10 AS video,
        CASE
            WHEN step %% 15 = 0 THEN 'lesson_start'
            WHEN step %% 15 = 14 THEN 'lesson_complete'
            WHEN step %% 15 = 1 THEN 'video_play'
            WHEN step %% 15 = 10 THEN 'video_pause'
            WHEN step %% 15 < 10 THEN 'video_progress'
            WHEN step %% 15 = 13 THEN 'quiz_submit'
            ELSE 'quiz_answer'
        END AS kind,
        %(first_day)s::timestamp AT TIME ZONE 'UTC'
            + interval '1 second' * (%(days)s * 86400.0 * session / %(sessions)s + step * 80) AS at
    FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1) AS session, generate_series(0, 29) AS step
) AS made

-- name: campus_records
-- What was achieved, of one day.
INSERT INTO academic_records (event_id, student_id, course_id, assessment_id, kind, at, score)
SELECT event_id, student_id, course_id, coalesce(assessment_id, ''), event_type, event_timestamp, 70
FROM student_activity_events
WHERE event_date = %(day)s AND event_type IN ('quiz_submit', 'lesson_complete')
ON CONFLICT DO NOTHING
