-- The facts about learners by their steps: in the place of the views of the same names in 0041 and 0101.

-- Two levels where a step is looked up: an expression with a name is planned again wherever the name stands, a column
-- is not. Planning a view costs about twice what it costs to plan its text, so the busiest queries have their own.

-- The best results of a learner are in `assessments` of `learner_courses` now.
DROP VIEW IF EXISTS learner_results;

-- Everybody who ever enrolled or learned in a course, without staff and test accounts.
-- Without any enrolment event a learner is in the course from the first learning event on.
-- {start:Date}: first day of the period; everything else is to date.
CREATE OR REPLACE VIEW learners AS
SELECT
    course_id, student_id, enrolled_at, joined_at,
    last.gone AS gone,
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
    handed_in,
    scores,
    nullIf(arrayMax(done.completed_on), toDate(0)) AS last_lesson_on,
    total_lessons,
    lessons_completed,
    if(total_lessons = 0, NULL, 100 * lessons_completed / total_lessons) AS completion_pct
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
        arrayFilter(hand -> hand.day < {end:Date}, known.handed_in).assessment_id AS handed_in,
        arrayFilter(lesson -> lesson.completed_on < {end:Date}, known.lessons) AS done,
        length(lists.lessons) AS total_lessons,
        toUInt64(length(arrayIntersect(done.lesson_id, lists.lessons))) AS lessons_completed
    FROM learner_courses AS known FINAL
    LEFT JOIN course_orders AS lists FINAL USING (course_id)
    WHERE course_id IN {courses:Array(String)}
        AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND (known.enrolled_at < {end:Date} OR known.learned_at < {end:Date})
        AND student_id NOT IN (SELECT student_id FROM left_out)
);

-- Everybody who ever enrolled or learned in a course, whether or not they agreed to analytics: that rests on contract.
CREATE OR REPLACE VIEW members AS
SELECT course_id, student_id, arrayLast(step -> step.day < {end:Date}, steps).gone AS gone
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)}
    AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
    AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
    AND student_id NOT IN (SELECT student_id FROM no_learners);

-- Coverage of each video by each learner: seconds covered at all and at least twice, watched % and completeness.
CREATE OR REPLACE VIEW learner_videos AS
SELECT
    course_id, video_id, student_id, duration, covered, repeated,
    if(duration IS NULL, NULL, least(100., 100 * covered / duration)) AS watched_pct,
    coalesce(covered >= 0.9 * duration, false) AS complete
FROM
(
    SELECT
        course_id, video_id, student_id, duration,
        arrayLast(step -> step.day < {end:Date}, steps) AS last,
        last.covered AS covered,
        last.repeated AS repeated
    FROM learner_watch FINAL
    WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
)
WHERE covered > 0;

-- Mean watched % of each learner over the videos of a course of which something was covered.
CREATE OR REPLACE VIEW learner_coverage AS
SELECT course_id, student_id, avg(least(100., 100 * covered / duration)) AS watched_pct
FROM
(
    SELECT course_id, student_id, duration, arrayLast(step -> step.day < {end:Date}, steps).covered AS covered
    FROM learner_watch FINAL
    WHERE course_id IN {courses:Array(String)} AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND duration IS NOT NULL
)
WHERE covered > 0
GROUP BY course_id, student_id;
