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

-- What the days of each learner add up to. {start:Date}: first day of the period; everything else is to date.
CREATE OR REPLACE VIEW learner_totals AS
SELECT
    course_id,
    student_id,
    sum(time_video + time_quiz + time_reading) / 1e6 AS time_to_date,
    sumIf(time_video + time_quiz + time_reading, day >= {start:Date}) / 1e6 AS time_spent,
    sumIf(visits, day >= {start:Date}) AS sessions,
    countIf(learning_events > 0 AND day >= {start:Date}) AS days_active,
    max(last_learning_at) AS last_activity_at,
    minIf(first_at, learning_events > 0) AS learned_at,
    arraySort(groupArrayIf(day, learning_events > 0)) AS active_dates,
    groupUniqArrayArray(lessons_completed) AS completed,
    groupUniqArrayArray(arrayConcat(quiz_results.assessment_id, submissions.assessment_id)) AS handed_in
FROM student_course_days FINAL
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND day < {end:Date}
GROUP BY course_id, student_id;

-- When each learner first enrolled, whether the last word was to leave, and whether the platform declared completion.
CREATE OR REPLACE VIEW learner_enrolments AS
SELECT
    course_id,
    student_id,
    minOrNullIf(at, event_type = 'course_enroll') AS enrolled_at,
    argMaxIf(event_type, (at, UUIDToNum(event_id)), event_type IN ('course_enroll', 'course_unenroll'))
        = 'course_unenroll' AS gone,
    countIf(event_type = 'course_complete') > 0 AS declared_complete
FROM enrolments FINAL
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND at < toDateTime64({end:Date}, 6, 'UTC')
GROUP BY course_id, student_id;

-- Everybody who ever enrolled or learned in a course, without staff and test accounts, with progress.
-- Without any enrolment event a learner is in the course from the first learning event on.
CREATE OR REPLACE VIEW learners AS
SELECT
    course_id,
    student_id,
    enrolled_at,
    coalesce(enrolled_at, learned_at) AS joined_at,
    gone,
    declared_complete,
    time_to_date, time_spent, sessions, days_active, last_activity_at, active_dates, handed_in,
    length(lessons) AS total_lessons,
    toUInt64(length(arrayIntersect(completed, lessons))) AS lessons_completed,
    if(total_lessons = 0, NULL, 100 * lessons_completed / total_lessons) AS completion_pct
FROM learner_totals(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS totals
LEFT JOIN learner_enrolments(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS enrolled
    USING (course_id, student_id)
LEFT JOIN (SELECT * FROM lesson_lists WHERE course_id IN {courses:Array(String)}) AS lists USING (course_id)
WHERE (enrolled_at IS NOT NULL OR notEmpty(active_dates))
    AND student_id NOT IN (SELECT student_id FROM left_out);

-- One row per attempt that has a result: the last quiz_submit, or the last assignment_graded.
CREATE OR REPLACE VIEW learner_attempts AS
SELECT
    course_id,
    student_id,
    result.2 AS assessment_id,
    argMax((result.6, result.7, result.4, UUIDToNum(result.5)), (result.4, UUIDToNum(result.5))) AS last,
    last.1 AS score,
    last.2 AS passed,
    (last.3, last.4) AS moment
FROM student_course_days FINAL
ARRAY JOIN arrayConcat(
    arrayMap(r -> ('quiz', r.1, r.2, r.3, r.4, r.5, r.6), quiz_results),
    arrayMap(r -> ('assignment', r.1, r.2, r.3, r.4, r.5, r.6), grades)) AS result
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND day < {end:Date}
GROUP BY course_id, student_id, result.1, result.2, result.3;

-- One row per assessment of a learner that has a result: the best score, and the moment at which it was reached.
-- Passing = declared_passed, or undeclared_best >= the pass mark.
CREATE OR REPLACE VIEW learner_results AS
SELECT
    course_id,
    student_id,
    assessment_id,
    max(score) AS best,
    argMin(moment, (-coalesce(score, -1), moment)) AS reached,
    max(passed) AS declared_passed,
    max(if(passed IS NULL, score, NULL)) AS undeclared_best
FROM learner_attempts(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
GROUP BY course_id, student_id, assessment_id;

-- The best scores of each learner in the order in which they were reached, and their mean.
CREATE OR REPLACE VIEW learner_scores AS
SELECT
    course_id,
    student_id,
    arraySort(groupArray((reached, assumeNotNull(best)))).2 AS scores,
    arrayAvg(scores) AS score_pct
FROM learner_results(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
WHERE best IS NOT NULL
GROUP BY course_id, student_id;

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
-- The edges of all segments in order, +1 where one begins and -1 where one ends, tell how many cover each stretch.
CREATE OR REPLACE VIEW learner_videos AS
WITH
    arraySort(arrayConcat(arrayMap(s -> (s.1, 1), segments), arrayMap(s -> (s.2, -1), segments))) AS edges,
    arrayCumSum(edges.2) AS depths,
    arrayMap((here, there) -> there - here, arrayPopBack(edges.1), arrayPopFront(edges.1)) AS lengths
SELECT
    course_id,
    video_id,
    student_id,
    duration,
    arraySum((length, depth) -> if(depth >= 1, length, 0), lengths, arrayPopBack(depths)) AS covered,
    arraySum((length, depth) -> if(depth >= 2, length, 0), lengths, arrayPopBack(depths)) AS repeated,
    if(duration IS NULL, NULL, least(100., 100 * covered / duration)) AS watched_pct,
    coalesce(covered >= 0.9 * duration, false) AS complete
FROM learner_segments(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date});

-- Mean watched % of each learner over the videos of a course of which something was covered.
CREATE OR REPLACE VIEW learner_coverage AS
SELECT course_id, student_id, toNullable(avg(video_pct)) AS watched_pct
FROM
(
    SELECT
        course_id,
        student_id,
        least(100., 100 * intervalLengthSum(segment.1, segment.2) / any(duration)) AS video_pct
    FROM learner_segments(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
    ARRAY JOIN segments AS segment
    WHERE duration IS NOT NULL
    GROUP BY course_id, video_id, student_id
)
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
