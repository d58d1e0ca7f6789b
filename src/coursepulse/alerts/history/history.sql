-- Stored events, to try a rule on them.

-- name: history_events
-- The events of some types in a span of time, in the order in which they happened; of students who agree to analytics.
SELECT
    event_id, event_type, toUnixTimestamp64Micro(at) AS happened, student_id, course_id, lesson_id, video_id, assessment_id,
    position, position_to, score, passed, attempt, question_id, correct
FROM events FINAL
WHERE event_type IN {types:Array(String)}
    AND at >= fromUnixTimestamp64Micro({since:Int64}) AND at < fromUnixTimestamp64Micro({until:Int64})
    AND student_id NOT IN (SELECT student_id FROM not_agreed FINAL)
ORDER BY happened, event_id

-- name: history_courses
-- All courses with learners.
SELECT DISTINCT course_id FROM learner_courses

-- name: history_days
-- The sums of learning at the end of each day with an event, of every learner of some courses; days since 1970.
SELECT
    course_id, student_id,
    CAST(steps.day, 'Array(UInt16)') AS days,
    steps.micros AS micros
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)} AND student_id NOT IN (SELECT student_id FROM left_out)
