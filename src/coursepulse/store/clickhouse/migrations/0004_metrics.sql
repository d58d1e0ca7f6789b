-- The views that show the rollups as the numbers of the specification. docs/reference/definitions.md says what each one means.

-- The duration of each video: the catalog's, or the largest that any event says.
CREATE VIEW IF NOT EXISTS video_lengths AS
SELECT course_id, video_id, if(max(catalog) > 0, max(catalog), max(said)) AS duration
FROM
(
    SELECT course_id, video_id, duration AS catalog, 0. AS said FROM course_videos FINAL
    UNION ALL
    SELECT course_id, video_id, 0. AS catalog, v.duration AS said FROM video_durations AS v
)
GROUP BY course_id, video_id
HAVING duration > 0;

-- The lessons of each course: the catalog's, or those that events have named.
CREATE VIEW IF NOT EXISTS course_sizes AS
SELECT
    course_id,
    if(countIf(catalog) > 0, groupArrayIf(lesson_id, catalog), groupUniqArray(lesson_id)) AS lessons,
    length(lessons) AS total_lessons
FROM
(
    SELECT course_id, lesson_id, true AS catalog FROM course_lessons FINAL
    UNION ALL
    SELECT DISTINCT course_id, lesson_id, false AS catalog FROM lessons_seen
)
GROUP BY course_id;

-- The days of each student by the student's own calendar, as day numbers since 1970-01-01.
-- `today`: the local day when the UTC day ends. `active`: the local days on which the UTC day's learning happened.
CREATE VIEW IF NOT EXISTS local_days AS
WITH
    (moment -> toInt32(intDiv(moment + offsets[arrayLastIndex(start -> start <= moment, since)], 86400))) AS local_day
SELECT
    student_id,
    day,
    local_day(86400 * (toInt64(day) + 1) - 1) AS today,
    arrayDistinct(arrayMap(quarter -> local_day(86400 * toInt64(day) + 900 * quarter), quarters)) AS active
FROM
(
    SELECT student_id, day, groupUniqArrayArray(quarter_hours) AS quarters
    FROM student_days FINAL
    GROUP BY student_id, day
) AS days
LEFT JOIN (SELECT student_id, time_zone FROM students FINAL) AS people USING (student_id)
LEFT JOIN
(
    SELECT time_zone, arrayMap(start -> toInt64(toUnixTimestamp(start)), starts) AS since, offsets
    FROM time_zones FINAL
) AS zones USING (time_zone);

-- The streak of each student at the end of each UTC day with an event, over all courses.
-- `latest` is the last local day with learning so far; the run that ends there counts if it reaches yesterday.
CREATE VIEW IF NOT EXISTS student_streaks AS
WITH indexOf(dates, latest) AS place
SELECT
    student_id,
    day,
    if(latest >= today - 1,
       arrayCount((date, i) -> i <= place AND date - i = latest - place, dates, arrayEnumerate(dates)), 0) AS streak_days
FROM
(
    SELECT
        student_id, day, today,
        max(arrayMax(arrayPushBack(active, -1))) OVER (PARTITION BY student_id ORDER BY day) AS latest,
        arraySort(groupUniqArrayArray(active) OVER (PARTITION BY student_id)) AS dates
    FROM local_days
);

-- Watched per cent of each video that a student has played, at the end of each UTC day on which it was played.
-- Videos of unknown duration are left out. See `video_watch` for which segments count. A session_id that reports
-- late can take seconds away that its pairs had counted, so a later day may show less, down to null for nothing.
CREATE VIEW IF NOT EXISTS video_coverage_days AS
SELECT
    course_id, student_id, video_id, day,
    intervalLengthSumIf(segment.1, least(segment.2, duration), segment.1 < duration) AS covered,
    if(covered > 0, least(100., 100 * covered / any(duration)), NULL) AS watched_pct
FROM
(
    SELECT
        course_id, student_id, video_id, day, duration,
        arrayReverseSort(watch -> (watch.4, watch.5, watch.6), arrayFilter(watch -> notEmpty(watch.3), so_far)) AS reports,
        arrayFilter((watch, i) -> indexOf(reports.1, watch.1) = i, reports, arrayEnumerate(reports)) AS believed,
        arrayFilter(watch -> NOT has(reports.1, watch.1), so_far) AS unreported,
        arrayJoin(arrayFlatten(arrayConcat(believed.3, unreported.2))) AS segment
    FROM
    (
        SELECT
            course_id, student_id, video_id, day,
            groupArrayArray(watches) OVER (PARTITION BY course_id, student_id, video_id ORDER BY day) AS so_far
        FROM
        (
            SELECT
                course_id, student_id, video_id, day,
                groupArray((session_id, paired, reported, reported_micros, assumeNotNull(reported_at),
                            UUIDToNum(assumeNotNull(reported_by)))) AS watches
            FROM video_watch FINAL
            WHERE notEmpty(paired) OR notEmpty(reported)
            GROUP BY course_id, student_id, video_id, day
        )
    ) AS watched
    INNER JOIN video_lengths AS lengths USING (course_id, video_id)
)
GROUP BY course_id, student_id, video_id, day;

-- One row per student, course and UTC day with an event: time, sessions and videos_watched of that day, everything
-- else as of its end. Seconds, per cent, counts; null where there is nothing to average.
CREATE VIEW IF NOT EXISTS student_course_metrics AS
WITH
    -- of all results so far the last of each attempt, then the best of each assessment
    arrayReverse(results_so_far) AS latest_first,
    arrayMap(r -> (r.assessment_id, r.attempt), latest_first) AS tries,
    arrayFilter((r, i) -> indexOf(tries, (r.assessment_id, r.attempt)) = i, latest_first, arrayEnumerate(latest_first)) AS results,
    arrayFilter(r -> r.score IS NOT NULL, results) AS scored,
    arrayMap(
        id -> arrayMax(arrayMap(r -> assumeNotNull(r.score), arrayFilter(r -> r.assessment_id = id, scored))),
        arrayDistinct(scored.assessment_id)) AS best_scores,
    arrayFilter(
        r -> coalesce(r.passed, r.score >= if(has(marked, r.assessment_id), marks[indexOf(marked, r.assessment_id)], 60), false),
        results) AS passes
SELECT
    student_id,
    course_id,
    day AS date,
    if(total_lessons = 0, NULL, 100 * length(arrayIntersect(completed_so_far, lessons)) / total_lessons) AS completion_pct,
    length(completed_so_far) AS lessons_completed,
    length(started_so_far) AS lessons_started,
    total_lessons,
    (time_video + time_quiz + time_reading) / 1e6 AS time_spent_total,
    time_video / 1e6 AS time_spent_video,
    time_reading / 1e6 AS time_spent_reading,
    time_quiz / 1e6 AS time_spent_quiz,
    visits AS sessions_count,
    if(visits = 0, NULL, visit_micros / 1e6 / visits) AS avg_session_duration,
    length(watched_today) AS videos_watched,
    if(covered_videos = 0, NULL, covered_pct / covered_videos) AS video_watch_pct_avg,
    length(arrayDistinct(attempts_so_far)) AS quizzes_attempted,
    length(arrayDistinct(passes.assessment_id)) AS quizzes_passed,
    if(empty(best_scores), NULL, arrayAvg(best_scores)) AS quiz_avg_score,
    length(arrayDistinct(submissions_so_far)) AS assignments_submitted,
    active_so_far AS last_activity_at,
    streak_days
FROM
(
    SELECT
        student_id, course_id, day, time_video, time_quiz, time_reading, visits, visit_micros,
        videos_watched AS watched_today, lessons, total_lessons, streak_days, marked, marks,
        groupUniqArrayArray(days.lessons_completed) OVER so_far AS completed_so_far,
        groupUniqArrayArray(days.lessons_started) OVER so_far AS started_so_far,
        groupArrayArray(arrayMap(a -> (a.assessment_id, a.attempt), quiz_attempts)) OVER so_far AS attempts_so_far,
        groupArrayArray(quiz_results) OVER so_far AS results_so_far,
        groupArrayArray(arrayMap(a -> (a.assessment_id, a.attempt), submissions)) OVER so_far AS submissions_so_far,
        max(last_learning_at) OVER so_far AS active_so_far,
        sum(more_videos) OVER so_far AS covered_videos,
        sum(more_pct) OVER so_far AS covered_pct
    FROM (SELECT * FROM student_course_days FINAL WHERE course_id != '') AS days
    LEFT JOIN course_sizes AS sizes USING (course_id)
    LEFT JOIN
    (
        SELECT course_id, groupArray(assessment_id) AS marked, groupArray(pass_mark) AS marks
        FROM course_assessments FINAL
        GROUP BY course_id
    ) AS assessments USING (course_id)
    LEFT JOIN student_streaks AS streaks USING (student_id, day)
    LEFT JOIN
    (
        -- what each day added to the covered per cent of all videos, and how many videos it added
        SELECT
            course_id, student_id, day,
            sum(ifNull(watched_pct, 0) - ifNull(before, 0)) AS more_pct,
            sum((watched_pct IS NOT NULL) - (before IS NOT NULL)) AS more_videos
        FROM
        (
            SELECT
                course_id, student_id, day, watched_pct,
                lagInFrame(watched_pct, 1, NULL) OVER (PARTITION BY course_id, student_id, video_id ORDER BY day
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
            FROM video_coverage_days
        )
        GROUP BY course_id, student_id, day
    ) AS coverage USING (course_id, student_id, day)
    WINDOW so_far AS (PARTITION BY student_id, course_id ORDER BY day)
)
