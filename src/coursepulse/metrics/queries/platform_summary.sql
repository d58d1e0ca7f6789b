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
        WHERE day >= first AND day < last AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
        GROUP BY nth
    ),
    learned AS
    (
        SELECT
            nth,
            countIf(has(kinds, 'course_enroll')) AS enrolments,
            countIf(has(kinds, 'course_complete')) AS courses_completed,
            uniqUpToIf(100)(student_id, has(kinds, 'course_enroll')) AS with_enrolment,
            uniqUpToIf(100)(student_id, has(kinds, 'course_complete')) AS with_course_completed,
            sumIf(done, agreed) AS lessons_completed,
            uniqUpToIf(100)(student_id, agreed AND done > 0) AS with_lessons
        FROM
        (
            SELECT
                student_id, nth,
                student_id NOT IN (SELECT student_id FROM left_out) AS agreed,
                arrayFilter(e -> e.at >= period.1 AND e.at < period.2, learner_courses.enrolments).event_type AS kinds,
                arrayCount(on -> on >= period.1 AND on < period.2, learner_courses.lessons.completed_on) AS done
            FROM learner_courses FINAL
            ARRAY JOIN periods AS period, arrayEnumerate(periods) AS nth
            WHERE student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}
        )
        GROUP BY nth
    )
SELECT
    nth, active_learners, active_courses, enrolments, courses_completed, time_spent, events,
    lessons_completed, with_enrolment, with_course_completed, with_lessons
FROM (SELECT arrayJoin(arrayEnumerate({periods:Array(Tuple(Date, Date))})) AS nth) AS asked
LEFT JOIN everybody USING (nth)
LEFT JOIN learned USING (nth)
ORDER BY nth
