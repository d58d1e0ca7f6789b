-- Learners, enrolments, completions and time over all courses.
WITH
    everybody AS
    (
        SELECT
            uniqExactIf(student_id, learning_events > 0) AS active_learners,
            uniqExactIf(course_id, learning_events > 0 AND course_id != '') AS active_courses,
            sum(time_on_task) / 1e6 AS time_spent,
            sum(active_days.events) AS events
        FROM active_days FINAL
        WHERE day >= {start:Date} AND day < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out)
    ),
    joined AS
    (
        SELECT
            uniqExactIf((course_id, student_id), event_type = 'course_enroll') AS enrolments,
            uniqExactIf((course_id, student_id), event_type = 'course_complete') AS courses_completed
        FROM enrolments
        WHERE at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
            AND student_id NOT IN (SELECT student_id FROM no_learners)
    )
SELECT
    active_learners, active_courses, enrolments, courses_completed, time_spent, events,
    (
        SELECT sum(arrayCount(l -> l.completed_on >= {start:Date} AND l.completed_on < {end:Date}, lessons))
        FROM learner_courses FINAL
        WHERE student_id NOT IN (SELECT student_id FROM left_out)
    ) AS lessons_completed
FROM everybody, joined
