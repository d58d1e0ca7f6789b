-- Where the catalog does not know the lessons of a course, nobody knows how much of it somebody has completed.

ALTER TABLE course_orders ADD COLUMN IF NOT EXISTS cataloged Bool DEFAULT false
    COMMENT 'the list is the catalog\'s; otherwise it holds the lessons that events have named so far';

-- The lessons of each course: the catalog's in its order, or those that events have named, by id. Places from 1.
CREATE OR REPLACE VIEW lesson_lists AS
SELECT
    course_id,
    countIf(known) > 0 AS cataloged,
    if(cataloged, arraySort(groupArrayIf((place, lesson_id), known)), arraySort(groupUniqArray((0, lesson_id)))).2 AS lessons
FROM
(
    SELECT course_id, lesson_id, toInt64(place) AS place, true AS known FROM course_lessons FINAL
    UNION ALL
    SELECT DISTINCT course_id, lesson_id, toInt64(0) AS place, false AS known FROM lessons_seen
)
GROUP BY course_id;

-- The same without the order, and how many there are.
CREATE OR REPLACE VIEW course_sizes AS
SELECT
    course_id,
    countIf(catalog) > 0 AS cataloged,
    if(cataloged, groupArrayIf(lesson_id, catalog), groupUniqArray(lesson_id)) AS lessons,
    length(lessons) AS total_lessons
FROM
(
    SELECT course_id, lesson_id, true AS catalog FROM course_lessons FINAL
    UNION ALL
    SELECT DISTINCT course_id, lesson_id, false AS catalog FROM lessons_seen
)
GROUP BY course_id;

-- One row per student, course and UTC day with an event: time, sessions and videos_watched of that day, everything
-- else as of its end. Seconds, per cent, counts; null where there is nothing to average.
-- Without an agreement a student has rows only for days with a completed lesson, a result, a hand-in or a grade, which
-- rest on contract, and everything about behaviour in them is null.
CREATE OR REPLACE VIEW student_course_metrics AS
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
    length(arrayDistinct(passes.assessment_id)) AS quizzes_passed,
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

-- Everybody who ever enrolled or learned in a course, or completed it by the platform's word, without staff and test
-- accounts. Without any enrolment a learner is in the course from the first learning event on; a completion alone puts
-- nobody into it.
-- {start:Date}: first day of the period; everything else is to date.
CREATE OR REPLACE VIEW learners AS
SELECT
    course_id, student_id, enrolled_at, joined_at,
    last.gone OR joined_at IS NULL AS gone,
    declared_at,
    declared_at IS NOT NULL AS declared_complete,
    last.micros / 1e6 AS time_to_date,
    (last.micros - before.micros) / 1e6 AS time_spent,
    last.visits - before.visits AS sessions,
    last.days_active - before.days_active AS days_active,
    nullIf(last.last_learning_at, toDateTime64(0, 6, 'UTC')) AS last_activity_at,
    last.rhythm AS rhythm,
    last.score_pct AS score_pct,
    last.falling AS falling,
    watched_pct,
    handed_in,
    scores,
    nullIf(arrayMax(done.completed_on), toDate(0)) AS last_lesson_on,
    total_lessons,
    lessons_completed,
    if(cataloged AND total_lessons > 0, 100 * lessons_completed / total_lessons, NULL) AS completion_pct
FROM
(
    SELECT
        course_id, student_id,
        if(known.enrolled_at < {end:Date}, known.enrolled_at, NULL) AS enrolled_at,
        if(known.enrolled_at < {end:Date}, known.enrolled_at, known.learned_at) AS joined_at,
        if(known.declared_at < {end:Date}, known.declared_at, NULL) AS declared_at,
        arrayLast(step -> step.day < {end:Date}, steps) AS last,
        arrayLast(step -> step.day < {start:Date}, steps) AS before,
        arrayLast(best -> best.day < {end:Date}, bests).scores AS scores,
        arrayLast(step -> step.day < {end:Date}, known.watched).pct AS watched_pct,
        arrayFilter(hand -> hand.day < {end:Date}, known.handed_in).assessment_id AS handed_in,
        arrayFilter(lesson -> lesson.completed_on < {end:Date}, known.lessons) AS done,
        length(lists.lessons) AS total_lessons,
        lists.cataloged AS cataloged,
        toUInt64(length(arrayIntersect(done.lesson_id, lists.lessons))) AS lessons_completed
    FROM learner_courses AS known FINAL
    LEFT JOIN course_orders AS lists FINAL USING (course_id)
    WHERE course_id IN {courses:Array(String)}
        AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND (known.enrolled_at < {end:Date} OR known.learned_at < {end:Date} OR known.declared_at < {end:Date})
        AND student_id NOT IN (SELECT student_id FROM left_out)
)
