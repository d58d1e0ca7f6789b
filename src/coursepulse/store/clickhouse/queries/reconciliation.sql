-- What events and the roster say of courses, beside the file of a learning platform: only what rests on contract.

-- name: reconcile_learners
-- Everybody in some courses, past and present: state and grade, whether or not they agreed to analytics.
SELECT
    course_id, student_id,
    arrayLast(step -> true, steps).gone OR (enrolled_at IS NULL AND learned_at IS NULL) AS gone,
    declared_at IS NOT NULL AS completed,
    arrayLast(step -> true, steps).score_pct AS grade
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)} AND (enrolled_at IS NOT NULL OR learned_at IS NOT NULL OR declared_at IS NOT NULL)
    AND student_id NOT IN (SELECT student_id FROM no_learners)
    AND (enrolled_at IS NOT NULL OR declared_at IS NOT NULL OR student_id NOT IN (SELECT student_id FROM not_agreed FINAL))

-- name: reconcile_not_agreed
-- Who did not agree to analytics.
SELECT student_id FROM not_agreed FINAL

-- name: reconcile_known
-- Everybody with an event, and everybody on the roster of a course.
SELECT DISTINCT student_id FROM learner_courses

-- name: compare_days
-- Events of each day; one that came twice and is not merged yet counts once.
SELECT toDate(at) AS day, uniqExact(event_id) FROM events WHERE day >= {start:Date} AND day < {end:Date} GROUP BY day
