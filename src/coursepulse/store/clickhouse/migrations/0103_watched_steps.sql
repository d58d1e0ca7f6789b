-- The watched % of a learner as a step, like everything else to date: what lists a class need not join its videos.

ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS watched Array(Tuple(day Date, pct Nullable(Float64)))
    COMMENT 'mean watched % over the videos of which something was covered, at the end of each day that changed it';
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS edition UInt8 DEFAULT 1
    COMMENT 'rows of an older edition lack columns that came later; they are made again after a start';

-- The rows of `learner_watch` of one turn; losing them loses nothing.
CREATE TABLE IF NOT EXISTS touched_watch AS learner_watch
ENGINE = Memory
SETTINGS compress = 1;

DROP VIEW IF EXISTS learner_coverage;

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
    watched_pct,
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
        arrayLast(step -> step.day < {end:Date}, known.watched).pct AS watched_pct,
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
