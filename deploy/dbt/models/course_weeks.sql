SELECT
    course_id,
    courses.title,
    date_trunc('week', day)::DATE AS week,
    count(DISTINCT learner) FILTER (WHERE learning_events > 0) AS active_learners,
    sum(events) AS events,
    sum(sessions) AS sessions,
    sum(time_video_s + time_quiz_s + time_reading_s) AS time_s,
    sum(lessons_completed) AS lessons_completed,
    sum(submissions) AS submissions
FROM {{ source('warehouse', 'learner_days') }} AS days
JOIN {{ source('warehouse', 'courses') }} AS courses USING (course_id)
GROUP BY course_id, courses.title, week
