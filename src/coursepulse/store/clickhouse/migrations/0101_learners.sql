-- The facts about learners that several metrics share, as parameterised views.

-- They take {courses:Array(String)}, {students:Array(UUID)} (none for everybody), and {end:Date}, the UTC day after
-- the last that counts. Courses come first in every key here, so that each reads only the courses it is asked about.

-- Accounts that are no learners, and students who have not agreed to analytics: 0041_consent_at_read_time.sql.
CREATE OR REPLACE VIEW left_out AS
SELECT student_id FROM students FINAL WHERE is_staff OR is_test
UNION DISTINCT
SELECT student_id FROM not_agreed FINAL;

-- The lessons of each course: the catalog's in its order, or those that events have named, by id. Places from 1.
CREATE OR REPLACE VIEW lesson_lists AS
SELECT
    course_id,
    if(countIf(known) > 0, arraySort(groupArrayIf((place, lesson_id), known)), arraySort(groupUniqArray((0, lesson_id)))).2
        AS lessons
FROM
(
    SELECT course_id, lesson_id, toInt64(place) AS place, true AS known FROM course_lessons FINAL
    UNION ALL
    SELECT DISTINCT course_id, lesson_id, toInt64(0) AS place, false AS known FROM lessons_seen
)
GROUP BY course_id;

-- Everybody who ever enrolled or learned in a course, without staff and test accounts.
-- Without any enrolment event a learner is in the course from the first learning event on.
-- {start:Date}: first day of the period; everything else is to date.
CREATE OR REPLACE VIEW learners AS
WITH
    toDateTime64({end:Date}, 6, 'UTC') AS ending,
    arrayFilter(d -> d.day < {end:Date}, days) AS so_far,
    arrayFilter(d -> d.day >= {start:Date}, so_far) AS period,
    arrayFilter(e -> e.at < ending, enrolments) AS said,
    arrayFilter(l -> l.completed_on < {end:Date}, learner_courses.lessons) AS done,
    -- of all results so far the last of each attempt, then the best of each assessment
    arraySort(r -> (-ifNull(r.score, -1), r.at, r.tie), arrayFilter(r -> r.at < ending AND r.until >= ending, results)) AS ranked,
    arrayFilter((r, i) -> r.score IS NOT NULL AND indexOf(ranked.assessment_id, r.assessment_id) = i,
                ranked, arrayEnumerate(ranked)) AS bests
SELECT
    course_id,
    student_id,
    nullIf(arrayFirst(e -> e.event_type = 'course_enroll', said).at, toDateTime64(0, 6, 'UTC')) AS enrolled_at,
    coalesce(enrolled_at, if(learned_at < ending, learned_at, NULL)) AS joined_at,
    arrayLast(e -> e.event_type IN ('course_enroll', 'course_unenroll'), said).event_type = 'course_unenroll' AS gone,
    nullIf(arrayFirst(e -> e.event_type = 'course_complete', said).at, toDateTime64(0, 6, 'UTC')) AS declared_at,
    declared_at IS NOT NULL AS declared_complete,
    arraySum(so_far.micros) / 1e6 AS time_to_date,
    arraySum(period.micros) / 1e6 AS time_spent,
    arraySum(period.visits) AS sessions,
    arrayCount(period.learned) AS days_active,
    nullIf(arrayMax(so_far.last_learning_at), toDateTime64(0, 6, 'UTC')) AS last_activity_at,
    arrayMap(d -> d.day, arrayFilter(d -> d.learned, so_far)) AS active_dates,
    arrayDistinct(arrayMap(t -> t.assessment_id, arrayFilter(t -> t.handed_in AND t.at < ending, tries))) AS handed_in,
    arrayMap(r -> assumeNotNull(r.score), arraySort(r -> (r.at, r.tie), bests)) AS scores,
    if(empty(scores), NULL, arrayAvg(scores)) AS score_pct,
    nullIf(arrayMax(done.completed_on), toDate(0)) AS last_lesson_on,
    length(lists.lessons) AS total_lessons,
    toUInt64(length(arrayIntersect(done.lesson_id, lists.lessons))) AS lessons_completed,
    if(total_lessons = 0, NULL, 100 * lessons_completed / total_lessons) AS completion_pct
FROM learner_courses FINAL
LEFT JOIN course_orders AS lists FINAL USING (course_id)
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND notEmpty(so_far)
    AND joined_at IS NOT NULL
    AND student_id NOT IN (SELECT student_id FROM left_out);

-- One row per assessment of a learner that has a result: of each attempt the last counts, of the attempts the best.
-- Passing = declared_passed, or undeclared_best >= the pass mark.
CREATE OR REPLACE VIEW learner_results AS
WITH toDateTime64({end:Date}, 6, 'UTC') AS ending
SELECT
    course_id,
    student_id,
    result.assessment_id AS assessment_id,
    max(result.score) AS best,
    max(result.passed) AS declared_passed,
    max(if(result.passed IS NULL, result.score, NULL)) AS undeclared_best
FROM learner_courses FINAL
ARRAY JOIN arrayFilter(r -> r.at < ending AND r.until >= ending, results) AS result
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
GROUP BY course_id, student_id, assessment_id;

-- Watched per cent of each video of known length at the end of each UTC day on which it was played, for
-- `student_course_metrics`. A session_id that reports late can take seconds away that its pairs had counted, so a
-- later day may show less, down to null for nothing.
CREATE OR REPLACE VIEW video_coverage_days AS
SELECT
    course_id, student_id, video_id,
    step.day AS day,
    step.covered AS covered,
    if(covered > 0, least(100., 100 * covered / duration), NULL) AS watched_pct
FROM learner_watch FINAL
ARRAY JOIN steps AS step
WHERE duration IS NOT NULL;

-- What each learner really played of each video: believed segments, clipped to the duration (null when unknown).
CREATE OR REPLACE VIEW learner_segments AS
WITH
    nullIf(any(length), 0) AS known,
    groupArrayArray(if(notEmpty(report), report, paired_all)) AS believed,
    arrayMap(s -> (greatest(0., s.1), if(known IS NULL, s.2, least(s.2, assumeNotNull(known)))), believed) AS clipped
SELECT
    course_id,
    video_id,
    student_id,
    known AS duration,
    arrayFilter(s -> s.2 > s.1, clipped) AS segments
FROM
(
    SELECT
        course_id, video_id, student_id,
        argMaxIf(reported, (reported_micros, reported_at, UUIDToNum(assumeNotNull(reported_by))), notEmpty(reported)) AS report,
        groupArrayArray(paired) AS paired_all
    FROM video_watch FINAL
    WHERE course_id IN {courses:Array(String)}
        AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND day < {end:Date}
    GROUP BY course_id, video_id, student_id, session_id
) AS sessions
LEFT JOIN
(
    SELECT course_id, video_id, duration AS length FROM video_lengths WHERE course_id IN {courses:Array(String)}
) AS lengths USING (course_id, video_id)
GROUP BY course_id, video_id, student_id
HAVING notEmpty(segments);

-- Coverage of each video by each learner: seconds covered at all and at least twice, watched % and completeness.
CREATE OR REPLACE VIEW learner_videos AS
WITH arrayLast(step -> step.day < {end:Date}, steps) AS last
SELECT
    course_id,
    video_id,
    student_id,
    duration,
    last.covered AS covered,
    last.repeated AS repeated,
    if(duration IS NULL, NULL, least(100., 100 * covered / duration)) AS watched_pct,
    coalesce(covered >= 0.9 * duration, false) AS complete
FROM learner_watch FINAL
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND covered > 0;

-- Mean watched % of each learner over the videos of a course of which something was covered.
CREATE OR REPLACE VIEW learner_coverage AS
SELECT course_id, student_id, avg(video.watched_pct) AS watched_pct
FROM learner_videos(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS video
WHERE video.watched_pct IS NOT NULL
GROUP BY course_id, student_id;

-- The engagement of each active learner of {course:String} in each ISO week from {start:Date} to before {end:Date}
-- (both Mondays), against the other active learners of that week.
CREATE OR REPLACE VIEW learner_engagement AS
SELECT
    week,
    student_id,
    days_active, time_spent, lessons, videos, quiz_attempts,
    arrayMap((name, value, p15, p85) -> if(value < p15, name, ''), names, own, p15s, p85s) AS lows,
    arrayMap((name, value, p15, p85) -> if(value > p85 AND p85 > p15, name, ''), names, own, p15s, p85s) AS highs,
    arrayFilter(name -> name != '', lows) AS low,
    arrayFilter(name -> name != '', highs) AS high,
    multiIf(length(low) >= 3, 'low', length(high) >= 3, 'high', 'normal') AS band,
    20 * (rank_days + rank_time + rank_lessons + rank_videos + rank_quizzes) AS engagement_score
FROM
(
    SELECT
        week, student_id, days_active, time_spent, lessons, videos, quiz_attempts,
        ['days_active', 'time_spent', 'lessons', 'videos', 'quiz_attempts'] AS names,
        [toFloat64(days_active), time_spent, toFloat64(lessons), toFloat64(videos), toFloat64(quiz_attempts)] AS own,
        quantileExactInclusiveForEach(0.15)(own) OVER (PARTITION BY week) AS p15s,
        quantileExactInclusiveForEach(0.85)(own) OVER (PARTITION BY week) AS p85s,
        count() OVER (PARTITION BY week) AS n,
        (rank() OVER (PARTITION BY week ORDER BY days_active) - 1
            + count() OVER (PARTITION BY week, days_active) / 2) / n AS rank_days,
        (rank() OVER (PARTITION BY week ORDER BY time_spent) - 1
            + count() OVER (PARTITION BY week, time_spent) / 2) / n AS rank_time,
        (rank() OVER (PARTITION BY week ORDER BY lessons) - 1
            + count() OVER (PARTITION BY week, lessons) / 2) / n AS rank_lessons,
        (rank() OVER (PARTITION BY week ORDER BY videos) - 1
            + count() OVER (PARTITION BY week, videos) / 2) / n AS rank_videos,
        (rank() OVER (PARTITION BY week ORDER BY quiz_attempts) - 1
            + count() OVER (PARTITION BY week, quiz_attempts) / 2) / n AS rank_quizzes
    FROM
    (
        SELECT
            toMonday(day) AS week,
            student_id,
            countIf(learning_events > 0) AS days_active,
            sum(time_video + time_quiz + time_reading) / 1e6 AS time_spent,
            length(groupUniqArrayArray(lessons_completed)) AS lessons,
            length(groupUniqArrayArray(videos_watched)) AS videos,
            length(groupUniqArrayArray(arrayMap(a -> (a.assessment_id, a.attempt), quiz_attempts))) AS quiz_attempts
        FROM student_course_days FINAL
        WHERE course_id = {course:String} AND day >= {start:Date} AND day < {end:Date}
            AND student_id NOT IN (SELECT student_id FROM left_out)
        GROUP BY week, student_id
        HAVING days_active > 0
    )
)
