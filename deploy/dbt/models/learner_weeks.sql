SELECT
    learner,
    course_id,
    date_trunc('week', day)::DATE AS week,
    count(DISTINCT day) FILTER (WHERE learning_events > 0) AS days_active,
    sum(events) AS events,
    sum(sessions) AS sessions,
    sum(time_video_s + time_quiz_s + time_reading_s) AS time_s,
    sum(lessons_completed) AS lessons_completed,
    sum(quiz_attempts) AS quiz_attempts,
    max(last_at) AS last_at
FROM {{ source('warehouse', 'learner_days') }}
WHERE course_id IS NOT NULL
GROUP BY learner, course_id, week
