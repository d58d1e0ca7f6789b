-- A result without a score takes no score back.

-- One row per student, course and UTC day with an event: time, sessions and videos_watched of that day, everything
-- else as of its end. Seconds, per cent, counts; null where there is nothing to average.
-- Without an agreement a student has rows only for days with a completed lesson, a result, a hand-in or a grade, which
-- rest on contract, and everything about behaviour in them is null.
CREATE OR REPLACE VIEW student_course_metrics AS
WITH
    -- of all results so far what came of each attempt: one without a score takes none back; then the best of each assessment
    arrayMap(r -> (r.assessment_id, r.attempt), results_so_far) AS tries,
    arrayMap(
        key -> arrayMap(r -> (r.score, r.passed), arrayFilter((r, other) -> other = key, results_so_far, tries)),
        arrayDistinct(tries)) AS told,
    arrayMap(
        (key, each) -> (
            key.1,
            arrayLast(score -> score IS NOT NULL, each.1),
            arrayLast(passed -> passed IS NOT NULL,
                      arraySlice(each.2, greatest(arrayLastIndex(score -> score IS NOT NULL, each.1), 1)))),
        arrayDistinct(tries), told) AS results,
    arrayFilter(r -> r.2 IS NOT NULL, results) AS scored,
    arrayMap(
        id -> arrayMax(arrayMap(r -> assumeNotNull(r.2), arrayFilter(r -> r.1 = id, scored))),
        arrayDistinct(scored.1)) AS best_scores,
    arrayFilter(
        r -> coalesce(r.3, r.2 >= if(has(marked, r.1), marks[indexOf(marked, r.1)], 60), false),
        results) AS passes
SELECT
    student_id,
    course_id,
    day AS date,
    if(cataloged AND total_lessons > 0, 100 * length(arrayIntersect(completed_so_far, lessons)) / total_lessons, NULL) AS completion_pct,
    length(completed_so_far) AS lessons_completed,
    if(agrees, length(started_so_far), NULL) AS lessons_started,
    total_lessons,
    if(agrees, (time_video + time_quiz + time_reading) / 1e6, NULL) AS time_spent_total,
    if(agrees, time_video / 1e6, NULL) AS time_spent_video,
    if(agrees, time_reading / 1e6, NULL) AS time_spent_reading,
    if(agrees, time_quiz / 1e6, NULL) AS time_spent_quiz,
    if(agrees, visits, NULL) AS sessions_count,
    if(agrees AND visits > 0, visit_micros / 1e6 / visits, NULL) AS avg_session_duration,
    if(agrees, length(watched_today), NULL) AS videos_watched,
    if(agrees AND covered_videos > 0, covered_pct / covered_videos, NULL) AS video_watch_pct_avg,
    length(arrayDistinct(attempts_so_far)) AS quizzes_attempted,
    length(arrayDistinct(passes.1)) AS quizzes_passed,
    if(empty(best_scores), NULL, arrayAvg(best_scores)) AS quiz_avg_score,
    length(arrayDistinct(submissions_so_far)) AS assignments_submitted,
    if(agrees, active_so_far, NULL) AS last_activity_at,
    if(agrees, streak, NULL) AS streak_days
FROM
(
    SELECT
        student_id, course_id, day, time_video, time_quiz, time_reading, visits, visit_micros,
        videos_watched AS watched_today, lessons, total_lessons, cataloged, streak_days AS streak, marked, marks,
        student_id NOT IN (SELECT student_id FROM not_agreed FINAL) AS agrees,
        notEmpty(days.lessons_completed) OR notEmpty(quiz_results) OR notEmpty(submissions) OR notEmpty(grades) AS kept,
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
WHERE agrees OR kept;
