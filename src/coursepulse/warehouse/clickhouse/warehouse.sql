-- What leaves for the warehouse: of students who agreed to analytics and were not anonymised, without staff and test accounts.

-- name: print_event_days
-- Of each UTC day with raw events, a number that changes with them: events that came late, were taken back or are counted
-- again or no longer, and students who were erased. Two rows of one event change it too, which only costs a file.
SELECT
    toDate(at) AS day, count() AS rows,
    toString((rows, sum(cityHash64(event_id, student_id, at, event_type, course_id, ifNull(score, -1))))) AS print
FROM events
WHERE at < toDateTime64({end:Date}, 6, 'UTC') AND student_id NOT IN (SELECT student_id FROM not_exported)
GROUP BY day

-- name: print_learner_days
-- The same of days of learners: every column that leaves is in it.
SELECT
    day,
    toString((count(), sum(cityHash64(
        course_id, student_id, first_at, last_at, events, learning_events, clicks, visits, visit_micros,
        time_video, time_quiz, time_reading, lessons_started, lessons_completed, videos_watched,
        toString((quiz_attempts, quiz_results, submissions, grades)),
        forum_posts, forum_replies, forum_views, live_joins, interactive_attempts)))) AS print
FROM student_course_days FINAL
WHERE day < {end:Date} AND student_id NOT IN (SELECT student_id FROM not_exported)
GROUP BY day

-- name: table_events
-- The events of some hours of a day. Where a new name hides a column, ClickHouse reads the new one: those columns are
-- named with their table.
SELECT
    event_id AS event, at AS happened_at, event_type, student_id AS learner,
    nullIf(session_id, toUUID('00000000-0000-0000-0000-000000000000')) AS session,
    nullIf(course_id, '') AS course_id, nullIf(lesson_id, '') AS lesson_id, nullIf(video_id, '') AS video_id,
    nullIf(assessment_id, '') AS assessment_id, nullIf(question_id, '') AS question_id, nullIf(answer_id, '') AS answer_id,
    if(events.assessment_id = '' AND events.interactive_id = '', NULL, events.attempt) AS attempt,
    score AS score_pct, passed, correct,
    position AS position_s, position_to AS position_to_s, duration AS duration_s, rate,
    nullIf(live_session_id, '') AS live_session_id, nullIf(interactive_id, '') AS interactive_id,
    if(events.currency = '', NULL, events.amount) AS amount, nullIf(currency, '') AS currency,
    nullIf(device_type, '') AS device_type, nullIf(os, '') AS os, nullIf(browser, '') AS browser, nullIf(country, '') AS country
FROM events FINAL
WHERE toDate(at) = {day:Date}
    AND toStartOfHour(at) BETWEEN toDateTime({day:Date}, 'UTC') + 3600 * {first:UInt8}
        AND toDateTime({day:Date}, 'UTC') + 3600 * {last:UInt8}
    AND student_id NOT IN (SELECT student_id FROM not_exported)

-- name: table_learner_days
-- The days of learners in courses.
SELECT
    day, student_id AS learner, nullIf(course_id, '') AS course_id, first_at, last_at, events, learning_events, clicks,
    visits AS sessions, visit_micros / 1e6 AS session_s,
    time_video / 1e6 AS time_video_s, time_quiz / 1e6 AS time_quiz_s, time_reading / 1e6 AS time_reading_s,
    length(days.lessons_started) AS lessons_started, length(days.lessons_completed) AS lessons_completed,
    length(days.videos_watched) AS videos_watched, length(days.quiz_attempts) AS quiz_attempts,
    length(days.submissions) AS submissions,
    forum_posts, forum_replies, forum_views, live_joins, interactive_attempts
FROM student_course_days AS days FINAL
WHERE day >= {start:Date} AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM not_exported)

-- name: table_course_days
-- The same added up for each course.
SELECT
    day, course_id, countIf(days.learning_events > 0) AS active_learners, sum(days.events) AS events,
    sum(days.learning_events) AS learning_events, sum(days.visits) AS sessions,
    sum(days.time_video) / 1e6 AS time_video_s, sum(days.time_quiz) / 1e6 AS time_quiz_s,
    sum(days.time_reading) / 1e6 AS time_reading_s,
    sum(length(days.lessons_completed)) AS lessons_completed, sum(length(days.videos_watched)) AS videos_watched,
    sum(length(days.quiz_attempts)) AS quiz_attempts, sum(length(days.submissions)) AS submissions,
    sum(days.forum_posts) AS forum_posts, sum(days.forum_replies) AS forum_replies, sum(days.forum_views) AS forum_views,
    sum(days.live_joins) AS live_joins, sum(days.interactive_attempts) AS interactive_attempts
FROM student_course_days AS days FINAL
WHERE day >= {start:Date} AND day < {end:Date} AND course_id != ''
    AND student_id NOT IN (SELECT student_id FROM not_exported)
GROUP BY day, course_id

-- name: table_results
-- Results of quizzes and grades of assignments.
SELECT
    told.event_id AS result, day, told.at AS reported_at, student_id AS learner, nullIf(course_id, '') AS course_id,
    told.assessment_id AS assessment_id, kind, told.attempt AS attempt, told.score AS score_pct, told.passed AS passed
FROM
(
    SELECT day, student_id, course_id, 'quiz' AS kind, arrayJoin(quiz_results) AS told
    FROM student_course_days FINAL
    WHERE day >= {start:Date} AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM not_exported)
    UNION ALL
    SELECT day, student_id, course_id, 'assignment' AS kind, arrayJoin(grades) AS told
    FROM student_course_days FINAL
    WHERE day >= {start:Date} AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM not_exported)
)

-- name: known_courses
-- Courses with learners, and how many each has.
SELECT course_id, count() AS learners FROM learner_courses WHERE course_id != '' GROUP BY course_id ORDER BY course_id

-- name: table_enrolments
-- Everybody in some courses as of the end of the day before {end:Date}.
SELECT
    course_id, student_id AS learner, enrolled_at, joined_at, gone, declared_at AS declared_complete_at,
    completion_pct, lessons_completed, total_lessons AS lessons, time_to_date AS time_s, sessions, days_active,
    last_activity_at, score_pct, watched_pct
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date})
WHERE student_id NOT IN (SELECT student_id FROM not_exported)
