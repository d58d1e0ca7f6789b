-- Course days with a part of this cycle, from all their parts: learning/course_day.py in SQL.
INSERT INTO student_course_days
WITH
    (xs -> arrayFilter((x, i) -> i = 1 OR (x.1, x.2) != (xs[i - 1].1, xs[i - 1].2), xs, arrayEnumerate(xs))) AS keep_first,
    (xs -> arrayFilter((x, i) -> i = length(xs) OR (x.1, x.2) != (xs[i + 1].1, xs[i + 1].2), xs, arrayEnumerate(xs))) AS keep_last
SELECT
    course_id,
    student_id,
    day,
    {cycle:UInt64} AS version,
    min(p.first_at) AS first_at,
    max(p.last_at) AS last_at,
    max(p.last_learning_at) AS last_learning_at,
    sum(p.events) AS events,
    sum(p.learning_events) AS learning_events,
    sum(p.clicks) AS clicks,
    arraySort(groupUniqArrayArray(p.quarter_hours)) AS quarter_hours,
    sum(p.visits) AS visits,
    sum(p.visit_micros) AS visit_micros,
    sum(p.time_video) AS time_video,
    sum(p.time_quiz) AS time_quiz,
    sum(p.time_reading) AS time_reading,
    arraySort(groupUniqArrayArray(p.lessons_started)) AS lessons_started,
    arraySort(groupUniqArrayArray(p.lessons_completed)) AS lessons_completed,
    arraySort(groupUniqArrayArray(p.videos_watched)) AS videos_watched,
    keep_first(arraySort(groupArrayArray(p.quiz_attempts))) AS quiz_attempts,
    keep_last(arraySort(r -> (r.1, r.2, r.3, UUIDToNum(r.4)), groupArrayArray(p.quiz_results))) AS quiz_results,
    keep_first(arraySort(groupArrayArray(p.submissions))) AS submissions,
    keep_last(arraySort(r -> (r.1, r.2, r.3, UUIDToNum(r.4)), groupArrayArray(p.grades))) AS grades,
    sum(p.forum_posts) AS forum_posts,
    sum(p.forum_replies) AS forum_replies,
    sum(p.forum_views) AS forum_views,
    sum(p.live_joins) AS live_joins,
    sum(p.interactive_attempts) AS interactive_attempts
FROM
(
    -- Two batches may share a cycle: of two rows with one version the fuller is the later.
    SELECT *
    FROM hot_parts
    WHERE (day, student_id, course_id) IN (SELECT day, student_id, course_id FROM hot_parts WHERE version = {cycle:UInt64})
    ORDER BY version DESC, events DESC
    LIMIT 1 BY day, student_id, session_id, course_id
) AS p
GROUP BY course_id, student_id, day
