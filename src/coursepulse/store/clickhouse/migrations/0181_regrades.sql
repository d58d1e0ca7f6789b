-- A regrade, attempt 0, stands for every attempt at its assessment before it, and is none itself.

-- Tries and results in one array of (assessment, when, work, attempt, handed in, score, passed, until), cut where the
-- assessment changes. A try has no `until`: 1970.
ALTER TABLE learner_courses MODIFY COLUMN assessments
    Array(Tuple(assessment_id String, day Date, until Date, work String, attempts UInt32, begun UInt32,
                handed_in_at DateTime64(6, 'UTC'), resulted Bool, best Nullable(Float64), passed Nullable(Bool),
                undeclared_best Nullable(Float64)))
    MATERIALIZED arrayFlatten(arrayMap(
        pair -> arrayMap(
            (on, next, tried, valid) -> (
                tried[1].1, on, next,
                arrayMax(tried.3),
                length(arrayDistinct(arrayFilter(attempt -> attempt != 0, tried.4))),
                length(arrayDistinct(arrayMap(t -> (t.4, t.3), arrayFilter(t -> (t.3 = 'quiz') != t.5, tried)))),
                arrayMin(arrayMap(t -> t.2, arrayFilter(t -> t.5, tried))),
                notEmpty(valid),
                arrayReduce('max', valid.6),
                arrayReduce('max', valid.7),
                arrayReduce('max', arrayMap(r -> if(r.7 IS NULL, r.6, NULL), valid))),
            pair.2,
            arrayPushBack(arrayPopFront(pair.2), toDate(65535)),
            arrayMap(on -> arrayFilter(t -> t.8 = toDateTime64(0, 6, 'UTC') AND toDate(t.2) <= on, pair.1), pair.2),
            arrayMap(ending -> arrayFilter(r -> r.2 < ending AND r.8 >= ending, pair.1),
                     arrayMap(on -> toDateTime64(on + 1, 6, 'UTC'), pair.2))),
        arrayMap(own -> (own, arraySort(arrayDistinct(arrayMap(t -> toDate(t.2), own)))), arrayFilter(own -> notEmpty(own), arraySplit(
            (t, before) -> t.1 != before,
            arraySort(t -> (t.1, t.2), arrayConcat(
                arrayMap(t -> (tupleElement(t, 'assessment_id'), tupleElement(t, 'at'), tupleElement(t, 'work'), tupleElement(t, 'attempt'),
                               tupleElement(t, 'handed_in'), CAST(NULL, 'Nullable(Float64)'), CAST(NULL, 'Nullable(Bool)'),
                               toDateTime64(0, 6, 'UTC')), tries),
                arrayMap(r -> (tupleElement(r, 'assessment_id'), tupleElement(r, 'at'), tupleElement(r, 'work'), tupleElement(r, 'attempt'),
                               false, tupleElement(r, 'score'), tupleElement(r, 'passed'), tupleElement(r, 'until')), results))),
            arrayPopBack(arrayPushFront(arraySort(arrayConcat(
                tupleElement(tries, 'assessment_id'), tupleElement(results, 'assessment_id'))), '')))))))
    COMMENT 'what had come of each assessment from the end of `day` until that of the day before `until`; begun: attempts at a quiz, hand-ins of an assignment';

ALTER TABLE learner_courses MATERIALIZE COLUMN assessments;

-- One row per student, course and UTC day with an event: time, sessions and videos_watched of that day, everything
-- else as of its end. Seconds, per cent, counts; null where there is nothing to average.
-- Without an agreement a student has rows only for days with a completed lesson, a result, a hand-in or a grade, which
-- rest on contract, and everything about behaviour in them is null.
CREATE OR REPLACE VIEW student_course_metrics AS
WITH
    -- of all results so far those since the last regrade of their assessment, which is attempt 0 and the first of its day
    arrayFilter(
        g -> g.2 = 0,
        arrayMap((r, i) -> (r.assessment_id, r.attempt, i), results_so_far, arrayEnumerate(results_so_far))) AS regrades,
    arrayFilter(
        (r, i) -> i >= arrayLast(g -> g.1 = r.assessment_id, regrades).3,
        results_so_far, arrayEnumerate(results_so_far)) AS standing,
    -- of these what came of each attempt: one without a score takes none back; then the best of each assessment
    arrayMap(r -> (r.assessment_id, r.attempt), standing) AS tries,
    arrayMap(
        key -> arrayMap(r -> (r.score, r.passed), arrayFilter((r, other) -> other = key, standing, tries)),
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
