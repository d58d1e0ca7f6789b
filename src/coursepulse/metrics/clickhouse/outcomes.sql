-- What came of courses. Who enrolled is described by what was known then: courses taken and completed before, and how long ago.

-- name: outcome_learners
-- Everybody who enrolled in a course, with what was known of them then, and how it went until the end of the period.
SELECT
    class.student_id AS student_id,
    toDate(class.joined_at) AS enrolled_on,
    class.declared_complete OR ifNull(class.completion_pct >= 100, false) AS done,
    class.gone AND NOT done AS left_it,
    if(done, toNullable(greatest(toDate(ifNull(class.declared_at, class.last_lesson_on)), enrolled_on)), NULL) AS completed_on,
    least(2, arrayCount(each -> each.1 < class.joined_at AND each.2 != {course:String}, past.begun)) AS begun_before,
    least(2, arrayCount(each -> each.1 < class.joined_at AND each.2 != {course:String}, past.completed)) AS completed_before
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS class
LEFT JOIN
(
    SELECT
        student_id,
        groupUniqArrayIf((at, course_id), event_type = 'course_enroll') AS begun,
        groupUniqArrayIf((at, course_id), event_type = 'course_complete') AS completed
    FROM enrolments
    WHERE at < {end:Date} AND student_id IN (SELECT student_id FROM learner_courses WHERE course_id = {course:String})
    GROUP BY student_id
) AS past ON past.student_id = class.student_id
WHERE class.joined_at IS NOT NULL AND class.student_id NOT IN {apart:Array(UUID)}
ORDER BY student_id

-- name: outcome_elsewhere
-- The same of other courses: how many are alike in what was known of them, and how many of those completed.
SELECT course_id, weeks, begun_before, completed_before, count() AS people, countIf(done) AS completed
FROM
(
    SELECT
        class.course_id AS course_id,
        dateDiff('day', toDate(class.joined_at), {end:Date}) AS days,
        multiIf(days < 42, 4, days < 63, 6, days < 91, 9, 13) AS weeks,
        class.declared_complete OR ifNull(class.completion_pct >= 100, false) AS done,
        least(2, arrayCount(each -> each.1 < class.joined_at AND each.2 != class.course_id, past.begun)) AS begun_before,
        least(2, arrayCount(each -> each.1 < class.joined_at AND each.2 != class.course_id, past.completed)) AS completed_before
    FROM learners(courses = {beside:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS class
    LEFT JOIN
    (
        SELECT
            student_id,
            groupUniqArrayIf((at, course_id), event_type = 'course_enroll') AS begun,
            groupUniqArrayIf((at, course_id), event_type = 'course_complete') AS completed
        FROM enrolments
        WHERE at < {end:Date}
        GROUP BY student_id
    ) AS past ON past.student_id = class.student_id
    WHERE class.joined_at < toDateTime64({end:Date} - {known_after:UInt32}, 6, 'UTC') AND class.student_id NOT IN {apart:Array(UUID)}
)
GROUP BY course_id, weeks, begun_before, completed_before
ORDER BY course_id, weeks, begun_before, completed_before

-- name: find_beside
-- Other courses to compare one with: all of them, or as many as say enough, always the same.
SELECT groupArray(course_id) AS beside
FROM
(
    SELECT course_id FROM learner_courses
    WHERE course_id NOT IN {courses:Array(String)}
    GROUP BY course_id
    ORDER BY cityHash64(course_id)
    LIMIT 50
)

-- name: outcome_answers
-- Of each quiz everybody's answers to each question, at the first attempt and at the next one.
SELECT assessment_id, question_id, student_id, try, any(correct) AS correct
FROM
(
    SELECT
        assessment_id, question_id, student_id, correct,
        dense_rank() OVER (PARTITION BY assessment_id, student_id ORDER BY attempt) AS try
    FROM
    (
        SELECT assessment_id, question_id, student_id, attempt, argMin(quiz_answers.correct, (at, event_id)) AS correct
        FROM quiz_answers
        WHERE course_id = {course:String} AND at >= {start:Date} AND at < {end:Date} AND quiz_answers.correct IS NOT NULL
            AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
        GROUP BY assessment_id, question_id, student_id, attempt
    )
)
WHERE try <= 2
GROUP BY assessment_id, question_id, student_id, try
ORDER BY assessment_id, student_id, try, question_id

-- name: change_learners
-- Of everybody in a course, which lessons they completed when, in its order, with the day before each as the one on which they
-- came to the next.
WITH (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String}) AS list
SELECT
    student_id,
    list AS order_of_lessons,
    arrayMap(
        lesson -> arrayFirst(
            each -> each.lesson_id = lesson AND each.completed_on < {end:Date}, learner_courses.lessons
        ).completed_on,
        list
    ) AS completed_on,
    toDate(coalesce(enrolled_at, learned_at)) AS enrolled_on
FROM learner_courses FINAL
WHERE course_id = {course:String} AND coalesce(enrolled_at, learned_at) < toDateTime64({end:Date}, 6, 'UTC')
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
ORDER BY student_id

-- name: known_before
-- A part of other queries: what was known of a learner the day before, by which two are alike.
toFloat64(least(60, dateDiff('day', if(known.last_learning_at > toDateTime64(0, 6, 'UTC'), toDate(known.last_learning_at), joined_on), day))) AS silent,
toFloat64(known.days_active) AS days_active,
toFloat64(known.days_active - past.days_active) AS days_lately,
log2(1 + (known.micros - past.micros) / 6e7) AS minutes_lately,
toFloat64(arrayCount(lesson -> lesson.completed_on < day, done)) AS lessons,
ifNull(known.score_pct, 0) AS score,
toFloat64(known.score_pct IS NOT NULL) AS has_score,
log2(1 + dateDiff('day', joined_on, day)) AS since_joined

-- name: message_people
-- For each day on which somebody was written to, everybody who was in the course and had not completed it: whether they were
-- written to that day, what was known of them the day before, and whether they learned within seven days. Those who were
-- written to on another day close to it are left out: they are neither written to nor not.
SELECT
    student_id,
    day,
    written,
    {known_before:Identifier},
    arrayExists(each -> each.learned AND each.day > day AND each.day <= day + 7, learned) AS back
FROM
(
    SELECT
        student_id,
        toDate(coalesce(enrolled_at, learned_at)) AS joined_on,
        declared_at,
        learner_courses.days AS learned,
        learner_courses.lessons AS done,
        arrayLast(step -> step.day < day, steps) AS known,
        arrayLast(step -> step.day < day - 28, steps) AS past,
        arrayFilter(each -> each.1 = student_id, {writing:Array(Tuple(UUID, Date))}).2 AS told,
        has(told, day) AS written,
        day
    FROM learner_courses FINAL
    ARRAY JOIN arrayDistinct(arrayMap(each -> each.2, {writing:Array(Tuple(UUID, Date))})) AS day
    WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
)
WHERE joined_on < day AND NOT known.gone AND NOT ifNull(toDate(declared_at) <= day, false) AND day + 7 < {today:Date}
    AND NOT arrayExists(each -> each != day AND each >= day - 14 AND each <= day + 7, told)
ORDER BY day, student_id

-- name: step_people
-- For each next step that somebody saw: what was known of them the day before, whether they did it within seven days, and
-- whether they learned or had completed the course in the two weeks after these. Only those whose three weeks are over.
SELECT
    student_id,
    advice,
    day,
    multiIf(
        kind = 'lesson', arrayExists(lesson -> lesson.lesson_id = item AND lesson.completed_on >= day AND lesson.completed_on <= day + 7, done),
        kind IN ('quiz', 'assignment'), arrayExists(try -> try.assessment_id = item AND try.handed_in AND try.at >= at AND toDate(try.at) <= day + 7, tries),
        kind = 'video', arrayExists(step -> step.day >= day AND step.day <= day + 7, played),
        arrayExists(each -> each.learned AND each.day > day AND each.day <= day + 7, learned)
    ) AS followed,
    {known_before:Identifier},
    arrayExists(each -> each.learned AND each.day > day + 7 AND each.day <= day + 21, learned)
        OR ifNull(toDate(declared_at) <= day + 21, false) AS went_on
FROM
(
    SELECT
        student_id,
        toDate(coalesce(enrolled_at, learned_at)) AS joined_on,
        declared_at,
        learner_courses.days AS learned,
        learner_courses.lessons AS done,
        tries,
        steps,
        told.2 AS at,
        toDate(at) AS day,
        told.3 AS advice,
        told.4 AS kind,
        told.5 AS item,
        arrayLast(step -> step.day < day, steps) AS known,
        arrayLast(step -> step.day < day - 28, steps) AS past
    FROM learner_courses FINAL
    ARRAY JOIN arrayFilter(each -> each.1 = student_id, {told:Array(Tuple(UUID, DateTime64(6, 'UTC'), String, String, String))}) AS told
    WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
) AS shown
LEFT JOIN
(
    SELECT student_id, video_id, learner_watch.steps AS played
    FROM learner_watch FINAL
    WHERE course_id = {course:String}
        AND student_id IN arrayMap(each -> each.1, {told:Array(Tuple(UUID, DateTime64(6, 'UTC'), String, String, String))})
) AS watched ON watched.student_id = shown.student_id AND watched.video_id = shown.item
WHERE joined_on <= day AND day + 21 < {today:Date}
ORDER BY day, student_id, advice

-- name: draw_people
-- For everybody for whom was drawn more than a week ago: what was drawn, and whether they learned within the seven days after,
-- whether or not they were written to.
SELECT student_id, at_once, early, arrayExists(each -> each.learned AND each.day > day AND each.day <= day + 7, learned) AS back
FROM
(
    SELECT student_id, learner_courses.days AS learned, drawn.2 AS day, drawn.3 AS at_once, drawn.4 AS early
    FROM learner_courses FINAL
    ARRAY JOIN arrayFilter(each -> each.1 = student_id, {drawn:Array(Tuple(UUID, Date, Bool, Bool))}) AS drawn
    WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
)
WHERE day + 7 < {today:Date}
ORDER BY student_id
