-- What single numbers are made of, see coursepulse/metrics/evidence.

-- name: evidence_sessions
-- The parts of sessions in which one student spent time, up to the end of the period.
SELECT
    session_id, day, course_id, first_at, last_at, time_video, time_quiz, time_reading,
    time_video + time_quiz + time_reading AS micros
FROM session_parts FINAL
WHERE student_id = {student:UUID} AND day < {end:Date} AND ({course:String} = '' OR course_id = {course:String})
    AND time_video + time_quiz + time_reading > 0
ORDER BY first_at, course_id

-- name: evidence_events
-- The events of one session on a day and on the days beside it, from which the day's part was made.
SELECT
    event_id, event_type, at, course_id, lesson_id, video_id, assessment_id,
    position, position_to, duration, rate
FROM events
WHERE student_id = {student:UUID} AND session_id = {session:UUID}
    AND toDate(at) >= {on:Date} - 1 AND toDate(at) <= {on:Date} + 1 AND NOT startsWith(event_type, 'x_')
LIMIT 1 BY event_id, at

-- name: student_sittings
-- What one student's sessions hold of each video, day by day, up to the end of the period.
SELECT
    course_id, video_id, session_id, day, paired, reported, reported_micros, reported_at, reported_by,
    nullIf(length, 0) AS duration
FROM
(
    SELECT * FROM student_watch FINAL
    WHERE student_id = {student:UUID} AND course_id IN {courses:Array(String)} AND day < {end:Date}
) AS watched
LEFT JOIN
(
    SELECT course_id, video_id, duration AS length FROM video_lengths WHERE course_id IN {courses:Array(String)}
) AS lengths USING (course_id, video_id)
ORDER BY course_id, video_id, day, session_id

-- name: evidence_results
-- The best result of each assessment that one student has, at the end of the period.
SELECT course_id, tried.assessment_id AS assessment_id, tried.work AS kind, tried.attempts AS attempts, tried.best AS score_pct
FROM learner_courses FINAL
ARRAY JOIN arrayFilter(a -> a.day < {end:Date} AND a.until >= {end:Date}, assessments) AS tried
WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID} AND tried.best IS NOT NULL
    AND ({course:String} = '' OR course_id = {course:String})
ORDER BY course_id, assessment_id

-- name: evidence_tries
-- Every try at an assessment of one student: begun, answered or handed in.
SELECT tried.attempt AS attempt, tried.at AS at, tried.handed_in AS handed_in
FROM learner_courses FINAL
ARRAY JOIN arrayFilter(t -> t.assessment_id = {assessment:String} AND toDate(t.at) < {end:Date}, tries) AS tried
WHERE course_id = {course:String} AND student_id = {student:UUID}
ORDER BY at

-- name: evidence_scores
-- Every result of one student in an assessment, and whether it still stands.
SELECT r.attempt AS attempt, r.at AS at, r.score AS score_pct, r.passed AS passed, r.until >= {end:Date} AS stands
FROM learner_courses FINAL
ARRAY JOIN arrayFilter(r -> r.assessment_id = {assessment:String} AND toDate(r.at) < {end:Date}, results) AS r
WHERE course_id = {course:String} AND student_id = {student:UUID}
ORDER BY at, r.tie

-- name: evidence_lessons
-- The lessons of a course in order, and when one student completed each.
SELECT place, lesson_id, if(done, reached.completed_on, NULL) AS completed_on, coalesce(reached.done, false) AS done
FROM
(
    SELECT lesson_id, place FROM course_orders FINAL
    ARRAY JOIN lessons AS lesson_id, arrayEnumerate(lessons) AS place
    WHERE course_id = {course:String}
) AS listed
LEFT JOIN
(
    SELECT lesson.lesson_id AS lesson_id, lesson.completed_on AS completed_on, true AS done
    FROM learner_courses FINAL
    ARRAY JOIN learner_courses.lessons AS lesson
    WHERE course_id = {course:String} AND student_id = {student:UUID} AND lesson.completed_on < {end:Date}
) AS reached USING (lesson_id)
ORDER BY place

-- name: evidence_videos
-- What one student has watched of each video of a course.
SELECT course_id, video_id, duration, covered, watched_pct
FROM learner_videos(courses = [{course:String}], students = [{student:UUID}], end = {end:Date})
WHERE watched_pct IS NOT NULL AND toDecimal128(assumeNotNull(watched_pct), 12) > 0
ORDER BY video_id

-- name: evidence_visits
-- The parts of sessions of one student with visits that began in the period.
SELECT session_id, day, course_id, first_at, last_at, visits
FROM session_parts FINAL
WHERE student_id = {student:UUID} AND day >= {start:Date} AND day < {end:Date}
    AND ({course:String} = '' OR course_id = {course:String}) AND visits > 0
ORDER BY first_at, course_id

-- name: evidence_week
-- What one student did in a course on each day of the week that begins on a day.
SELECT day, videos_watched, arrayMap(a -> (a.assessment_id, a.attempt), quiz_attempts) AS attempts
FROM student_days FINAL
WHERE student_id = {student:UUID} AND course_id = {course:String}
    AND day >= {on:Date} AND day < least({on:Date} + 7, {end:Date})
ORDER BY day

-- name: evidence_class
-- The learners of a class and what each adds to its numbers.
WITH (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String} AND cataloged) AS list
SELECT
    student_id,
    NOT last.gone AS here,
    agreed AND NOT last.gone AS seen,
    agreed AND last.days_active > before.days_active AS active,
    if(agreed, last.micros - before.micros, 0) AS micros,
    completed AS lessons_completed,
    length(list) AS total_lessons,
    if(agreed AND NOT last.gone, last.score_pct, NULL) AS score_pct,
    if(agreed AND NOT last.gone, pct, NULL) AS watched_pct
FROM
(
    SELECT
        student_id,
        student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)} AS agreed,
        arrayLast(step -> step.day < {end:Date}, steps) AS last,
        arrayLast(step -> step.day < {start:Date}, steps) AS before,
        arrayLast(step -> step.day < {end:Date}, learner_courses.watched).pct AS pct,
        length(arrayIntersect(arrayFilter(l -> l.completed_on < {end:Date}, learner_courses.lessons).lesson_id, list)) AS completed
    FROM learner_courses FINAL
    WHERE course_id = {course:String} AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
        AND student_id NOT IN (SELECT student_id FROM no_learners)
)
ORDER BY student_id

-- name: evidence_class_day
-- What each learner of a class did on one day.
SELECT
    student_id, learning_events > 0 AS active, time_video, time_quiz, time_reading,
    time_video + time_quiz + time_reading AS time_spent, length(days.lessons_completed) AS lessons_completed
FROM student_course_days AS days FINAL
WHERE course_id = {course:String} AND day = {on:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
ORDER BY student_id

-- name: evidence_class_lesson
-- Who started a lesson, and who completed it.
SELECT
    student_id, lesson.started_on AS started_on,
    if(lesson.completed_on < {end:Date}, lesson.completed_on, NULL) AS completed_on,
    true AS started, lesson.completed_on < {end:Date} AS completed
FROM learner_courses FINAL
ARRAY JOIN arrayFilter(l -> l.lesson_id = {lesson:String}, learner_courses.lessons) AS lesson
WHERE course_id = {course:String} AND lesson.started_on < {end:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
ORDER BY student_id

-- name: evidence_class_lesson_time
-- How long each learner of a class worked at one lesson to date.
SELECT student_id, sum(lesson.micros) AS micros
FROM student_course_days FINAL
ARRAY JOIN arrayFilter(each -> each.lesson_id = {lesson:String}, lesson_times) AS lesson
WHERE course_id = {course:String} AND day < {end:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY student_id
ORDER BY student_id

-- name: evidence_lesson_days
-- What each day adds to the time of one student at one lesson.
SELECT day, lesson.micros AS micros, lesson.micros / 1e6 AS time
FROM student_days FINAL
ARRAY JOIN arrayFilter(each -> each.lesson_id = {lesson:String}, lesson_times) AS lesson
WHERE student_id = {student:UUID} AND course_id = {course:String} AND day < {end:Date}
ORDER BY day

-- name: evidence_class_stopped
-- Whose last lesson one is: in the course, not done with it, and silent for two weeks, see course_lessons.
WITH (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String}) AS list
SELECT
    student_id,
    true AS stopped,
    toDate(now.last_learning_at) AS silent_since,
    arrayLast(step -> step.day < {end:Date}, steps) AS now,
    arrayFilter(l -> l.started_on < {end:Date} OR l.completed_on < {end:Date}, learner_courses.lessons) AS touched,
    arrayReduce('argMax', touched.lesson_id, arrayMap(
        l -> (greatest(if(l.started_on < {end:Date}, l.started_on, toDate(0)), if(l.completed_on < {end:Date}, l.completed_on, toDate(0))),
              indexOf(list, l.lesson_id)), touched)) AS latest
FROM learner_courses FINAL
WHERE course_id = {course:String} AND NOT ifNull(declared_at < {end:Date}, false)
    AND notEmpty(touched) AND latest = {lesson:String} AND NOT now.gone
    AND length(arrayIntersect(arrayFilter(l -> l.completed_on < {end:Date}, touched).lesson_id, list)) < length(list)
    AND now.last_learning_at < toDateTime64({end:Date} - 14, 6, 'UTC')
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
ORDER BY student_id

-- name: evidence_class_state
-- In which state of an assessment everybody in a course is, see course_work.
WITH
    (SELECT any(due_at) FROM course_assessments FINAL WHERE course_id = {course:String} AND assessment_id = {assessment:String}) AS due
SELECT
    student_id,
    true AS here,
    if(work.handed_in_at > toDateTime64(0, 6, 'UTC'), work.handed_in_at, NULL) AS handed_in_at,
    state = 'not_started' AS not_started,
    state = 'in_work' AS in_work,
    state = 'handed_in' AS handed_in,
    state = 'late' AS late,
    state = 'graded' AS graded,
    state IN ('not_started', 'in_work') AND ifNull(due <= {moment:DateTime64(6, 'UTC')}, false) AS overdue
FROM
(
    SELECT
        student_id,
        arrayFirst(
            tried -> tried.assessment_id = {assessment:String} AND tried.day < {end:Date} AND tried.until >= {end:Date},
            assessments) AS work,
        multiIf(
            work.resulted, 'graded',
            work.handed_in_at > toDateTime64(0, 6, 'UTC') AND ifNull(work.handed_in_at > due, false), 'late',
            work.handed_in_at > toDateTime64(0, 6, 'UTC'), 'handed_in',
            work.attempts > 0, 'in_work',
            'not_started') AS state
    FROM learner_courses FINAL
    WHERE course_id = {course:String}
        AND (learner_courses.enrolled_at < {end:Date} OR learned_at < {end:Date})
        AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
        AND student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}
)
ORDER BY student_id

-- name: evidence_class_thread
-- Who replied in a thread, how often, and who opened it.
SELECT
    student_id,
    countIf(event_type = 'forum_reply') AS replies,
    replies > 0 AS replied,
    countIf(event_type = 'forum_view') > 0 AS read
FROM course_acts FINAL
WHERE course_id = {course:String} AND event_type IN ('forum_reply', 'forum_view') AND item_id = {thread:String}
    AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY student_id
ORDER BY student_id

-- name: evidence_class_helped
-- In whose threads a learner replied in the period, and how often.
WITH begun AS
    (
        SELECT item_id, argMin(student_id, (at, UUIDToNum(event_id))) AS author
        FROM course_acts FINAL
        WHERE course_id = {course:String} AND event_type = 'forum_post' AND item_id != ''
            AND at < toDateTime64({end:Date}, 6, 'UTC') AND student_id NOT IN (SELECT student_id FROM left_out)
        GROUP BY item_id
    )
SELECT author AS student_id, true AS helped, count() AS replies
FROM course_acts AS acts FINAL
INNER JOIN begun USING (item_id)
WHERE course_id = {course:String} AND event_type = 'forum_reply' AND acts.student_id = {student:UUID} AND author != {student:UUID}
    AND at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND acts.student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY author
ORDER BY author

-- name: evidence_class_helpers
-- Who replied in the threads of a learner in the period, and how often.
WITH begun AS
    (
        SELECT item_id, argMin(student_id, (at, UUIDToNum(event_id))) AS author
        FROM course_acts FINAL
        WHERE course_id = {course:String} AND event_type = 'forum_post' AND item_id != ''
            AND at < toDateTime64({end:Date}, 6, 'UTC') AND student_id NOT IN (SELECT student_id FROM left_out)
        GROUP BY item_id
    )
SELECT acts.student_id AS student_id, true AS helped, count() AS replies
FROM course_acts AS acts FINAL
INNER JOIN begun USING (item_id)
WHERE course_id = {course:String} AND event_type = 'forum_reply' AND author = {student:UUID} AND acts.student_id != {student:UUID}
    AND at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND acts.student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY student_id
ORDER BY student_id

-- name: evidence_class_video
-- What each viewer covered of a video.
SELECT student_id, covered, repeated, watched_pct, complete, true AS viewer
FROM learner_videos(courses = {courses:Array(String)}, students = CAST([], 'Array(UUID)'), end = {end:Date})
WHERE video_id = {video:String}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
ORDER BY student_id

-- name: evidence_class_seconds
-- Who played some of five seconds of a video, and who at least twice.
WITH intDiv({second:UInt64}, 5) AS bucket
SELECT
    student_id,
    arrayExists(p -> p.3 >= 1 AND p.2 > p.1 AND floor(p.1 / 5) <= bucket AND ceil(p.2 / 5) > bucket, stretches) AS viewer,
    arrayExists(p -> p.3 >= 2 AND p.2 > p.1 AND floor(p.1 / 5) <= bucket AND ceil(p.2 / 5) > bucket, stretches) AS rewatcher
FROM
(
    SELECT
        student_id,
        arraySort(arrayConcat(arrayMap(s -> (s.1, 1), segments), arrayMap(s -> (s.2, -1), segments))) AS edges,
        arrayCumSum(edges.2) AS depths,
        arrayZip(arrayPopBack(edges.1), arrayPopFront(edges.1), arrayPopBack(depths)) AS stretches
    FROM learner_segments(courses = {courses:Array(String)}, students = CAST([], 'Array(UUID)'), end = {end:Date})
    WHERE video_id = {video:String}
        AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
)
ORDER BY student_id

-- name: evidence_class_work
-- What each learner has reached in an assessment.
WITH
    (SELECT any(pass_mark) FROM course_assessments FINAL WHERE course_id = {course:String} AND assessment_id = {assessment:String}) AS mark,
    (SELECT count() > 0 FROM course_assessments FINAL WHERE course_id = {course:String} AND assessment_id = {assessment:String}) AS known
SELECT
    student_id,
    tried.begun AS attempts,
    tried.best AS score_pct,
    tried.best IS NOT NULL AS scored,
    tried.resulted AS resulted,
    coalesce(tried.passed, false) OR coalesce(tried.undeclared_best >= if(known, mark, 60), false) AS passed
FROM learner_courses FINAL
ARRAY JOIN arrayFilter(
    a -> a.assessment_id = {assessment:String} AND a.day < {end:Date} AND a.until >= {end:Date}, assessments) AS tried
WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM no_learners)
    AND student_id NOT IN {apart:Array(UUID)}
ORDER BY student_id

-- name: evidence_class_question
-- The first answer with a verdict of each learner to a question, in the first attempt.
SELECT
    student_id,
    min(at) AS answered_at,
    true AS answered,
    argMin(assumeNotNull(correct), (at, UUIDToNum(event_id))) AS first
FROM quiz_answers FINAL
WHERE course_id = {course:String} AND attempt = 1 AND correct IS NOT NULL
    AND assessment_id = {assessment:String} AND question_id = {question:String} AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY student_id
ORDER BY student_id

-- name: evidence_days
-- What each day adds to platform-wide sums.
SELECT day, sum(active_days.events) AS events, sum(time_on_task) AS micros
FROM active_days FINAL
WHERE day >= {start:Date} AND day < {end:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY day
ORDER BY day

-- name: evidence_courses
-- What each course adds to platform-wide sums of the days in the period.
SELECT
    course_id,
    sum(active_days.events) AS events, sum(visits) AS sessions, sum(time_on_task) AS micros,
    countIf(learning_events > 0) > 0 AND course_id != '' AS active
FROM active_days FINAL
WHERE day >= {first:Date} AND day < {after:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY course_id
ORDER BY course_id

-- name: evidence_changes
-- What each course adds to the enrolments and completions of the period.
SELECT
    course_id,
    countIf(has(kinds, 'course_enroll')) AS enrolments,
    countIf(has(kinds, 'course_complete')) AS courses_completed,
    sumIf(done, agreed) AS lessons_completed
FROM
(
    SELECT
        course_id,
        student_id NOT IN (SELECT student_id FROM left_out) AS agreed,
        arrayFilter(e -> e.at >= {start:Date} AND e.at < {end:Date}, learner_courses.enrolments).event_type AS kinds,
        arrayCount(on -> on >= {start:Date} AND on < {end:Date}, learner_courses.lessons.completed_on) AS done
    FROM learner_courses FINAL
    WHERE student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}
)
GROUP BY course_id
ORDER BY course_id

-- name: evidence_clicks
-- The clicks of learning events in a course on each day.
SELECT day, sum(days.clicks) AS clicks
FROM student_course_days AS days FINAL
WHERE course_id = {course:String} AND day >= {start:Date} AND day < {end:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY day
ORDER BY day

-- name: evidence_type
-- Stored events of one type on each day; of those who do not agree to analytics only what rests on contract.
SELECT toDate(at) AS day, count() AS events
FROM events FINAL
WHERE event_type = {type:String} AND at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND ({course:String} = '' OR course_id = {course:String})
    AND (event_type IN {essential:Array(String)} OR student_id NOT IN (SELECT student_id FROM not_agreed FINAL))
    AND student_id NOT IN {apart:Array(UUID)}
GROUP BY day
ORDER BY day
