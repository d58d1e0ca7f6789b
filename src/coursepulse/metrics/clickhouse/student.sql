-- One student.

-- name: student_summary
-- How one student stands in all courses at the end of each of some periods.
SELECT
    nth,
    {student:UUID} AS student_id,
    (SELECT max(zone.time_zone) FROM students AS zone FINAL WHERE zone.student_id = {student:UUID}) AS zone,
    courses_enrolled,
    courses_completed,
    scores
FROM (SELECT arrayJoin(arrayEnumerate({periods:Array(Tuple(Date, Date))})) AS nth) AS asked
LEFT JOIN
(
    SELECT
        nth,
        countIf(NOT gone) AS courses_enrolled,
        countIf(declared OR (cataloged AND notEmpty(list) AND completed = length(list))) AS courses_completed,
        groupArrayArray(reached) AS scores
    FROM
    (
        SELECT
            nth,
            lists.lessons AS list,
            lists.cataloged AS cataloged,
            arrayLast(step -> step.day < period.2, steps).gone
                OR NOT ifNull(known.enrolled_at < period.2 OR known.learned_at < period.2, false) AS gone,
            coalesce(known.declared_at < period.2, false) AS declared,
            arrayLast(best -> best.day < period.2, bests).scores AS reached,
            length(arrayIntersect(arrayFilter(l -> l.completed_on < period.2, known.lessons).lesson_id, list)) AS completed
        FROM learner_courses AS known FINAL
        LEFT JOIN course_orders AS lists FINAL USING (course_id)
        ARRAY JOIN {periods:Array(Tuple(Date, Date))} AS period, arrayEnumerate({periods:Array(Tuple(Date, Date))}) AS nth
        WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID}
            AND (known.enrolled_at < period.2 OR known.learned_at < period.2 OR known.declared_at < period.2)
            AND student_id NOT IN (SELECT student_id FROM left_out)
    )
    GROUP BY nth
) AS standing USING (nth)
ORDER BY nth

-- name: courses_by_contract
-- The courses of a student who did not agree to analytics, with completed lessons and results: what a course cannot work without,
-- and what its teacher sees too.
SELECT
    course_id,
    enrolled_at,
    multiIf(declared_at < {end:Date} OR completion_pct = 100, 'completed', gone, 'left', 'enrolled') AS status,
    if(empty(list), NULL, 100 * length(arrayIntersect(done, list)) / length(list)) AS completion_pct,
    if(empty(scores), NULL, arrayAvg(scores)) AS score_pct
FROM
(
    SELECT
        course_id, known.enrolled_at AS enrolled_at, known.declared_at AS declared_at,
        if(lists.cataloged, lists.lessons, []) AS list,
        arrayFilter(l -> l.completed_on < {end:Date}, known.lessons).lesson_id AS done,
        arrayLast(step -> step.day < {end:Date}, known.steps).gone AS gone,
        arrayLast(best -> best.day < {end:Date}, known.bests).scores AS scores
    FROM learner_courses AS known FINAL
    LEFT JOIN course_orders AS lists FINAL USING (course_id)
    WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID} AND known.enrolled_at < {end:Date}
)
ORDER BY course_id

-- name: student_lesson_times
-- How long one student worked at each lesson to date, course by course in the order of its lessons.
SELECT course_id, lesson_id, seconds AS time_spent
FROM
(
    SELECT course_id, time.lesson_id AS lesson_id, sum(time.micros) / 1e6 AS seconds
    FROM student_days FINAL
    ARRAY JOIN lesson_times AS time
    WHERE student_id = {student:UUID} AND course_id IN {courses:Array(String)} AND day < {end:Date}
        AND student_id NOT IN (SELECT student_id FROM left_out)
    GROUP BY course_id, lesson_id
) AS worked
LEFT JOIN course_orders AS lists FINAL USING (course_id)
ORDER BY course_id, indexOf(lists.lessons, lesson_id), lesson_id

-- name: student_activity
-- The quarter-hours of each UTC day in which one student learned, with a day to spare on both sides for other zones.
SELECT
    (SELECT max(zone.time_zone) FROM students AS zone FINAL WHERE zone.student_id = {student:UUID}) AS zone,
    day,
    groupUniqArrayArray(quarter_hours) AS quarters
FROM student_days FINAL
WHERE student_id = {student:UUID} AND ({course:String} = '' OR course_id = {course:String})
    AND day >= {start:Date} - 1 AND day <= {end:Date} AND notEmpty(quarter_hours)
GROUP BY day
ORDER BY day

-- name: step_items
-- What a student could do next in each of some courses: the first lesson of the list that is not completed, the quiz tried last,
-- and the video of which the least was watched; empty where there is none.
SELECT
    course_id,
    arrayFirst(lesson -> NOT has(completed, lesson), order_of.lessons) AS lesson_id,
    quizzes[-1].assessment_id AS quiz_id,
    ifNull(least.video_id, '') AS video_id
FROM
(
    SELECT
        course_id,
        arrayFilter(l -> l.completed_on < {end:Date}, known.lessons).lesson_id AS completed,
        arraySort(r -> r.at, arrayFilter(r -> r.work = 'quiz', known.results)) AS quizzes
    FROM learner_courses AS known FINAL
    WHERE course_id IN {courses:Array(String)} AND student_id IN {students:Array(UUID)}
) AS mine
LEFT JOIN course_orders AS order_of FINAL USING (course_id)
LEFT JOIN
(
    SELECT course_id, argMin(video_id, watched_pct) AS video_id
    FROM learner_videos(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
    WHERE NOT complete
    GROUP BY course_id
) AS least USING (course_id)

-- name: student_assessments
-- Every assessment of one student's courses, and those outside the catalog that the student tried.
SELECT
    course_id,
    assessment_id,
    if(known, listed.kind, tried.work) AS kind,
    tried.attempts AS attempts,
    tried.best AS score_pct,
    tried.newest AS last_pct,
    if(known, listed.pass_mark, 60) AS pass_mark,
    if(tried.best IS NULL AND tried.passed IS NULL, NULL,
       coalesce(tried.passed, false) OR coalesce(tried.undeclared_best >= pass_mark, false)) AS passed,
    nullIf(tried.handed_in_at, toDateTime64(0, 6, 'UTC')) AS handed_in_at,
    due_at
FROM
(
    SELECT course_id, assessment_id, kind, pass_mark, due_at, true AS known
    FROM course_assessments FINAL
    WHERE course_id IN {courses:Array(String)}
) AS listed
FULL JOIN
(
    SELECT
        course_id, tried.assessment_id AS assessment_id, tried.work AS work, tried.attempts AS attempts, tried.best AS best,
        tried.passed AS passed, tried.undeclared_best AS undeclared_best, tried.handed_in_at AS handed_in_at,
        arrayLast(
            r -> r.assessment_id = tried.assessment_id AND r.score IS NOT NULL AND toDate(r.at) < {end:Date} AND toDate(r.until) >= {end:Date},
            arraySort(r -> (r.at, r.tie), results)
        ).score AS newest
    FROM learner_courses FINAL
    ARRAY JOIN arrayFilter(a -> a.day < {end:Date} AND a.until >= {end:Date}, assessments) AS tried
    WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID}
) AS tried USING (course_id, assessment_id)
ORDER BY course_id, due_at, assessment_id

-- name: student_timeline
-- What happened when: visits from their first to their last event, results, hand-ins, grades and enrolments.
-- Of one attempt the last result of each day, and the first hand-in of each day. What has no session is no visit.
WITH days AS
(
    SELECT course_id, quiz_results, submissions, grades
    FROM student_days FINAL
    WHERE student_id = {student:UUID} AND day >= {start:Date} AND day < {end:Date} AND course_id IN {courses:Array(String)}
)
SELECT * FROM
(
SELECT
    min(first_at) AS at,
    max(last_at) AS until,
    'visit' AS kind,
    course_id,
    '' AS assessment_id,
    sum(time_video + time_quiz + time_reading) / 1e6 AS time_spent,
    length(groupUniqArrayArray(session_parts.lessons_completed)) AS lessons,
    CAST(NULL, 'Nullable(Float64)') AS score_pct,
    CAST(NULL, 'Nullable(Bool)') AS passed
FROM session_parts FINAL
WHERE student_id = {student:UUID} AND day >= {start:Date} AND day < {end:Date} AND course_id IN {courses:Array(String)}
    AND session_id != toUUID('00000000-0000-0000-0000-000000000000') AND learning_events > 0
GROUP BY course_id, session_id
UNION ALL
SELECT told.at, NULL, 'quiz', course_id, told.assessment_id, NULL, NULL, told.score, told.passed
FROM days ARRAY JOIN quiz_results AS told
UNION ALL
SELECT told.first_at, NULL, 'submission', course_id, told.assessment_id, NULL, NULL, NULL, NULL
FROM days ARRAY JOIN submissions AS told
UNION ALL
SELECT told.at, NULL, 'grade', course_id, told.assessment_id, NULL, NULL, told.score, told.passed
FROM days ARRAY JOIN grades AS told
UNION ALL
SELECT at, NULL, event_type, course_id, '', NULL, NULL, NULL, NULL
FROM enrolments FINAL
WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID}
    AND at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
)
ORDER BY at DESC, kind DESC, assessment_id, score_pct

-- name: student_day_rows
-- The days of one student up to the end of a period, one row per day and course.
SELECT
    day, course_id, quarter_hours, last_learning_at,
    learning_events > 0 AS learned,
    time_video + time_quiz + time_reading AS micros,
    lessons_completed
FROM student_days FINAL
WHERE student_id = {student:UUID} AND day < {end:Date} AND ({course:String} = '' OR course_id = {course:String})
ORDER BY day

-- name: watched_so_far
-- What a student has played of some videos, in all sessions.
SELECT course_id, video_id, duration, segments
FROM learner_segments(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
WHERE video_id IN {items:Array(String)}

-- name: pace_rows
-- The courses of a student: when which lesson of the list was completed, and the work that is due next.
SELECT
    course_id,
    gone,
    has({over:Array(String)}, course_id) AS over,
    declared_on,
    total,
    done.lesson_id AS lessons,
    done.completed_on AS completed_on,
    begun AS begun_on,
    next.1 AS next_due_at,
    next.2 AS next_kind,
    next.3 AS next_id
FROM
(
    SELECT
        course_id,
        arrayLast(step -> step.day < {end:Date}, steps).gone AS gone,
        if(known.declared_at < {end:Date}, toDate(known.declared_at), NULL) AS declared_on,
        if(lists.cataloged, length(lists.lessons), 0) AS total,
        arrayFilter(l -> l.completed_on < {end:Date} AND has(lists.lessons, l.lesson_id), known.lessons) AS done,
        arrayMin(arrayFilter(day -> day < {end:Date}, arrayConcat(known.lessons.started_on, known.lessons.completed_on))) AS first,
        if(toUInt16(first) = 0, NULL, first) AS begun,
        arrayFilter(hand -> hand.day < {end:Date}, known.handed_in).assessment_id AS handed,
        arrayFirst(due -> NOT has(handed, due.3), coming.dues) AS due,
        if(due.3 = '', NULL, due) AS next
    FROM learner_courses AS known FINAL
    LEFT JOIN course_orders AS lists FINAL USING (course_id)
    LEFT JOIN
    (
        SELECT course_id, arraySort(groupArray((assumeNotNull(due_at), kind, assessment_id))) AS dues
        FROM course_assessments FINAL
        WHERE course_id IN {courses:Array(String)} AND due_at > {moment:DateTime64(6, 'UTC')}
        GROUP BY course_id
    ) AS coming USING (course_id)
    WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID}
        AND (known.enrolled_at < {end:Date} OR known.learned_at < {end:Date} OR known.declared_at < {end:Date})
        AND student_id NOT IN (SELECT student_id FROM left_out)
)
ORDER BY course_id

-- name: issued_certificates
-- The certificates of a student that events tell of: the latest of each course.
SELECT course_id, toDate(max(at)) AS issued_on
FROM enrolments FINAL
WHERE student_id = {student:UUID} AND event_type = 'certificate_issued'
    AND course_id IN {courses:Array(String)} AND at < toDateTime64({end:Date}, 6, 'UTC')
GROUP BY course_id
ORDER BY course_id

-- name: student_answers
-- The questions of quizzes that a student has answered: how often, and whether the first and the newest answer were right.
SELECT
    course_id,
    assessment_id,
    question_id,
    count() AS answers,
    argMin(assumeNotNull(correct), (at, UUIDToNum(event_id))) AS first_right,
    argMax(assumeNotNull(correct), (at, UUIDToNum(event_id))) AS last_right,
    max(at) AS answered_at
FROM quiz_answers FINAL
WHERE course_id IN {courses:Array(String)} AND student_id = {student:UUID} AND correct IS NOT NULL
    AND assessment_id != '' AND question_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
GROUP BY course_id, assessment_id, question_id
ORDER BY course_id, assessment_id, question_id

-- name: quiz_questions
-- The questions of some courses that anybody has answered by a day, so that each has its number in its quiz.
SELECT DISTINCT course_id, assessment_id, question_id
FROM quiz_answers
WHERE course_id IN {courses:Array(String)} AND assessment_id != '' AND question_id != ''
    AND at < toDateTime64({end:Date}, 6, 'UTC')
