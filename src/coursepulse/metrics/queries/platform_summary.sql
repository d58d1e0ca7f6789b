-- Learners, enrolments, completions and time over all courses, in each of some periods.
WITH
    {periods:Array(Tuple(Date, Date))} AS periods,
    (SELECT arrayMin(periods.1)) AS first,
    (SELECT arrayMax(periods.2)) AS last,
    everybody AS
    (
        SELECT
            arrayFirstIndex(period -> day >= period.1 AND day < period.2, periods) AS nth,
            uniqExactIf(student_id, learning_events > 0) AS active_learners,
            uniqExactIf(course_id, learning_events > 0 AND course_id != '') AS active_courses,
            sum(time_on_task) / 1e6 AS time_spent,
            sum(active_days.events) AS events
        FROM active_days FINAL
        WHERE day >= first AND day < last AND student_id NOT IN (SELECT student_id FROM left_out)
        GROUP BY nth
    ),
    joined AS
    (
        SELECT
            arrayFirstIndex(period -> toDate(at) >= period.1 AND toDate(at) < period.2, periods) AS nth,
            uniqExactIf((course_id, student_id), event_type = 'course_enroll') AS enrolments,
            uniqExactIf((course_id, student_id), event_type = 'course_complete') AS courses_completed,
            uniqUpToIf(100)(student_id, event_type = 'course_enroll') AS with_enrolment,
            uniqUpToIf(100)(student_id, event_type = 'course_complete') AS with_course_completed
        FROM enrolments
        WHERE at >= toDateTime64(first, 6, 'UTC') AND at < toDateTime64(last, 6, 'UTC')
            AND student_id NOT IN (SELECT student_id FROM no_learners)
        GROUP BY nth
    ),
    completed AS
    (
        SELECT nth, sum(done) AS lessons_completed, uniqUpToIf(100)(student_id, done > 0) AS with_lessons
        FROM
        (
            SELECT
                student_id, nth,
                arrayCount(on -> on >= period.1 AND on < period.2, learner_courses.lessons.completed_on) AS done
            FROM learner_courses FINAL
            ARRAY JOIN periods AS period, arrayEnumerate(periods) AS nth
            WHERE student_id NOT IN (SELECT student_id FROM left_out)
        )
        GROUP BY nth
    )
SELECT
    nth, active_learners, active_courses, enrolments, courses_completed, time_spent, events,
    lessons_completed, with_enrolment, with_course_completed, with_lessons
FROM (SELECT arrayJoin(arrayEnumerate({periods:Array(Tuple(Date, Date))})) AS nth) AS asked
LEFT JOIN everybody USING (nth)
LEFT JOIN joined USING (nth)
LEFT JOIN completed USING (nth)
ORDER BY nth
