-- One course.

-- name: course_summary
-- A class as a whole, in each of some periods.
WITH
    (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String} AND cataloged) AS list,
    class AS
    (
        SELECT
            student_id,
            nth,
            student_id NOT IN (SELECT student_id FROM left_out)
                AND student_id NOT IN {apart:Array(UUID)} AS agreed,
            arrayLast(step -> step.day < period.2, steps) AS last,
            arrayLast(step -> step.day < period.1, steps) AS before,
            arrayLast(step -> step.day < period.2, learner_courses.watched).pct AS pct,
            length(arrayIntersect(arrayFilter(l -> l.completed_on < period.2, learner_courses.lessons).lesson_id, list)) AS completed
        FROM learner_courses FINAL
        ARRAY JOIN {periods:Array(Tuple(Date, Date))} AS period, arrayEnumerate({periods:Array(Tuple(Date, Date))}) AS nth
        WHERE course_id = {course:String} AND (enrolled_at < period.2 OR learned_at < period.2)
            AND student_id NOT IN (SELECT student_id FROM no_learners)
    ),
    learned AS
    (
        SELECT
            nth,
            countIf(NOT last.gone) AS learners_enrolled,
            countIf(agreed AND NOT last.gone) AS learners_agreed,
            countIf(agreed AND last.days_active > before.days_active) AS active_learners,
            sumIf(last.micros - before.micros, agreed) / 1e6 AS time_spent,
            -- of those who are in the course and agreed
            groupArrayIf((completed, last.score_pct, pct), agreed AND NOT last.gone) AS here
        FROM class
        GROUP BY nth
    )
SELECT
    nth,
    {course:String} AS course_id,
    learners_enrolled, learners_agreed, active_learners, time_spent,
    100 * arraySum(here.1) / nullIf(length(here) * length(list), 0) AS completion_pct,
    -- Added up as decimals: a sum must not depend on the order in which its terms came.
    toFloat64(arrayReduce('sum', arrayMap(pct -> toDecimal128(pct, 12), here.2))) / nullIf(with_score, 0) AS score_pct,
    toFloat64(arrayReduce('sum', arrayMap(pct -> toDecimal128(pct, 12), here.3))) / nullIf(with_watched, 0) AS watched_pct,
    -- how many are behind each mean
    if(empty(list), 0, length(here)) AS with_completion,
    arrayReduce('count', here.2) AS with_score,
    arrayReduce('count', here.3) AS with_watched
FROM (SELECT arrayJoin(arrayEnumerate({periods:Array(Tuple(Date, Date))})) AS nth) AS asked
LEFT JOIN learned USING (nth)
ORDER BY nth

-- name: course_not_agreed
-- Who is in a course without having agreed to analytics, with what rests on contract.
WITH (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String} AND cataloged) AS list
SELECT
    student_id,
    if(learner_courses.enrolled_at < {end:Date}, learner_courses.enrolled_at, NULL) AS enrolled_at,
    if(empty(list), NULL, 100 * length(arrayIntersect(
        arrayFilter(l -> l.completed_on < {end:Date}, learner_courses.lessons).lesson_id, list
    )) / length(list)) AS completion_pct,
    arrayLast(step -> step.day < {end:Date}, steps).score_pct AS score_pct
FROM learner_courses FINAL
WHERE course_id = {course:String} AND (learner_courses.enrolled_at < {end:Date} OR learned_at < {end:Date})
    AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
    AND student_id IN (SELECT student_id FROM not_agreed FINAL)
    AND student_id NOT IN (SELECT student_id FROM no_learners)
ORDER BY student_id

-- name: course_daily
-- Active learners and time on task by kind on each UTC day of a course.
SELECT
    day,
    countIf(learning_events > 0) AS active_learners,
    sum(days.time_video + days.time_quiz + days.time_reading) / 1e6 AS time_spent,
    sum(days.time_video) / 1e6 AS time_video,
    sum(days.time_quiz) / 1e6 AS time_quiz,
    sum(days.time_reading) / 1e6 AS time_reading,
    sum(length(days.lessons_completed)) AS lessons_completed,
    -- how many are behind each sum
    countIf(days.time_video + days.time_quiz + days.time_reading > 0) AS with_time,
    countIf(days.time_video > 0) AS with_video,
    countIf(days.time_quiz > 0) AS with_quiz,
    countIf(days.time_reading > 0) AS with_reading,
    countIf(notEmpty(days.lessons_completed)) AS with_lessons
FROM student_course_days AS days FINAL
WHERE course_id = {course:String} AND day >= {start:Date} AND day < {end:Date}
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY day
ORDER BY day

-- name: course_lessons
-- Learners who started and completed each lesson, in the order of the course, and whose last lesson it is: in the course,
-- not done with it, and silent for two weeks.
WITH (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String}) AS list
SELECT place, lesson_id, coalesce(started, 0) AS started, coalesce(completed, 0) AS completed, coalesce(stopped, 0) AS stopped
FROM
(
    SELECT lesson_id, place FROM course_orders FINAL
    ARRAY JOIN lessons AS lesson_id, arrayEnumerate(lessons) AS place
    WHERE course_id = {course:String}
) AS lessons
LEFT JOIN
(
    SELECT lesson.lesson_id AS lesson_id, count() AS started, countIf(lesson.completed_on < {end:Date}) AS completed
    FROM learner_courses FINAL
    ARRAY JOIN learner_courses.lessons AS lesson
    WHERE course_id = {course:String} AND lesson.started_on < {end:Date} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
    GROUP BY lesson_id
) AS reached USING (lesson_id)
LEFT JOIN
(
    SELECT latest AS lesson_id, count() AS stopped
    FROM
    (
        SELECT
            arrayLast(step -> step.day < {end:Date}, steps) AS now,
            arrayFilter(l -> l.started_on < {end:Date} OR l.completed_on < {end:Date}, learner_courses.lessons) AS touched,
            -- the latest day decides, on one day the later place in the course
            arrayReduce('argMax', touched.lesson_id, arrayMap(
                l -> (greatest(if(l.started_on < {end:Date}, l.started_on, toDate(0)), if(l.completed_on < {end:Date}, l.completed_on, toDate(0))),
                      indexOf(list, l.lesson_id)), touched)) AS latest,
            length(arrayIntersect(arrayFilter(l -> l.completed_on < {end:Date}, touched).lesson_id, list)) AS done
        FROM learner_courses FINAL
        WHERE course_id = {course:String} AND NOT ifNull(declared_at < {end:Date}, false)
            AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
    )
    WHERE notEmpty(touched) AND NOT now.gone AND done < length(list) AND now.last_learning_at < toDateTime64({end:Date} - 14, 6, 'UTC')
    GROUP BY latest
) AS halted USING (lesson_id)
ORDER BY place

-- name: course_lesson_times
-- How long learners worked at each lesson to date, in the order of the course: median and quartiles of those who did.
SELECT place, lesson_id, coalesce(learners, 0) AS learners, time_low, time_median, time_high
FROM
(
    SELECT lesson_id, place FROM course_orders FINAL
    ARRAY JOIN lessons AS lesson_id, arrayEnumerate(lessons) AS place
    WHERE course_id = {course:String}
) AS lessons
LEFT JOIN
(
    SELECT
        lesson_id,
        count() AS learners,
        quantileExactInclusiveOrNull(0.25)(seconds) AS time_low,
        quantileExactInclusiveOrNull(0.5)(seconds) AS time_median,
        quantileExactInclusiveOrNull(0.75)(seconds) AS time_high
    FROM
    (
        SELECT time.lesson_id AS lesson_id, sum(time.micros) / 1e6 AS seconds
        FROM student_course_days FINAL
        ARRAY JOIN lesson_times AS time
        WHERE course_id = {course:String} AND day < {end:Date}
            AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
        GROUP BY student_id, lesson_id
    )
    GROUP BY lesson_id
) AS worked USING (lesson_id)
ORDER BY place

-- name: course_videos
-- Who watches each video of a course, how much of it, and what is watched again.
SELECT
    video_id,
    any(seen.duration) AS duration,
    count() AS viewers,
    toFloat64(sum(toDecimal128(seen.watched_pct, 12))) / nullIf(with_watched, 0) AS watched_pct,
    countIf(complete) AS completed,
    100 * toFloat64(sum(toDecimal128(repeated, 12))) / toFloat64(sum(toDecimal128(covered, 12))) AS rewatch_pct,
    count(seen.watched_pct) AS with_watched
FROM learner_videos(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS seen
WHERE student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY video_id
ORDER BY video_id

-- name: video_dropoff
-- Viewers of each five seconds of a video; a bucket is viewed when a segment overlaps it by more than nothing.
WITH
    pieces AS
    (
        SELECT
            duration,
            arraySort(arrayConcat(arrayMap(s -> (s.1, 1), segments), arrayMap(s -> (s.2, -1), segments))) AS edges,
            arrayCumSum(edges.2) AS depths,
            arrayZip(arrayPopBack(edges.1), arrayPopFront(edges.1), arrayPopBack(depths)) AS stretches,
            arrayFilter(piece -> piece.3 >= 1 AND piece.2 > piece.1, stretches) AS once,
            arrayFilter(piece -> piece.3 >= 2 AND piece.2 > piece.1, stretches) AS twice
        FROM learner_segments(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
        WHERE video_id = {video:String} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
    ),
    ((pieces) -> arrayDistinct(arrayFlatten(arrayMap(p -> range(toUInt64(floor(p.1 / 5)), toUInt64(ceil(p.2 / 5))), pieces)))) AS buckets_of
SELECT
    5 * bucket AS second,
    viewed.2[indexOf(viewed.1, bucket)] AS viewers,
    if(first_viewers = 0, NULL, 100 * viewers / first_viewers) AS remaining_pct,
    again.2[indexOf(again.1, bucket)] AS rewatchers,
    viewed.2[indexOf(viewed.1, 0)] AS first_viewers
FROM
(
    SELECT
        sumMap(buckets_of(once) AS seen, arrayMap(bucket -> toUInt64(1), seen)) AS viewed,
        sumMap(buckets_of(twice) AS seen_again, arrayMap(bucket -> toUInt64(1), seen_again)) AS again,
        -- up to the duration, or to the last viewed when that is unknown; none when nobody saw anything
        if(count() = 0, 0, toUInt64(ceil(coalesce(max(duration) / 5, arrayMax(viewed.1) + 1)))) AS buckets
    FROM pieces
)
ARRAY JOIN range(assumeNotNull(buckets)) AS bucket
ORDER BY second

-- name: course_assessments
-- Attempts, passes and the spread of best scores of each assessment of a course.
WITH listed AS
(
    SELECT assessment_id, kind, pass_mark, due_at, true AS known FROM course_assessments FINAL WHERE course_id = {course:String}
)
SELECT
    assessment_id,
    if(known, listed.kind, work) AS kind,
    length(bests) AS learners,
    attempts,
    toFloat64(arraySum(best -> toDecimal128(best, 12), bests)) / nullIf(learners, 0) AS score_pct,
    passed,
    if(with_result = 0, NULL, 100 * passed / with_result) AS passed_pct,
    -- full marks are in the last ten
    arrayMap(ten -> countEqual(arrayMap(best -> least(9, intDiv(toUInt64(best), 10)), bests), ten), range(10)) AS bins
FROM listed
FULL JOIN
(
    SELECT
        tried.assessment_id AS assessment_id,
        max(tried.work) AS work,
        sum(tried.begun) AS attempts,
        groupArray(assumeNotNull(tried.best)) FILTER (WHERE tried.best IS NOT NULL) AS bests,
        countIf(tried.resulted) AS with_result,
        countIf(coalesce(tried.passed, false) OR coalesce(tried.undeclared_best >= if(mark.known, mark.pass_mark, 60), false))
            AS passed
    FROM
    (
        SELECT arrayJoin(arrayFilter(a -> a.day < {end:Date} AND a.until >= {end:Date}, assessments)) AS tried
        FROM learner_courses FINAL
        WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM no_learners)
            AND student_id NOT IN {apart:Array(UUID)}
    ) AS class
    LEFT JOIN listed AS mark ON mark.assessment_id = tried.assessment_id
    GROUP BY assessment_id
) AS results USING (assessment_id)
ORDER BY due_at, assessment_id

-- name: question_first_try
-- Learners who were right in attempt 1 of each question; their first answer with a verdict decides.
SELECT
    assessment_id,
    question_id,
    count() AS answered,
    countIf(first) AS correct,
    100 * correct / answered AS first_try_pct
FROM
(
    SELECT assessment_id, question_id, student_id, argMin(assumeNotNull(correct), (at, UUIDToNum(event_id))) AS first
    FROM quiz_answers FINAL
    WHERE course_id = {course:String} AND attempt = 1 AND correct IS NOT NULL
        AND assessment_id != '' AND question_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
        AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
    GROUP BY assessment_id, question_id, student_id
)
GROUP BY assessment_id, question_id
ORDER BY assessment_id, question_id

-- name: course_items
-- How well each question tells apart who knows the rest of the assessment; definitions.md cites the measures.
-- A learner counts with the first verdict on each question in attempt 1.
SELECT
    assessment_id, question_id, answered, right_pct, point_biserial, discrimination,
    if(others < 10, NULL, levels.rasch) AS rasch,
    if(others < 10, NULL, levels.rasch_error) AS rasch_error
FROM
(
    WITH
        firsts AS
        (
            SELECT assessment_id, question_id, student_id, argMin(assumeNotNull(correct), (at, UUIDToNum(event_id))) AS first
            FROM quiz_answers FINAL
            WHERE course_id = {course:String} AND attempt = 1 AND correct IS NOT NULL
                AND assessment_id != '' AND question_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
                AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
            GROUP BY assessment_id, question_id, student_id
        ),
        -- each learner with the share right of an assessment, beside the bounds of its upper and its lower group
        papers AS
        (
            SELECT
                assessment_id,
                groupArray((question_id, first)) AS answers,
                countIf(first) AS right,
                count() AS total,
                right / total AS share,
                total > 1 AS compared,
                quantileExactInclusiveIf(0.27)(share, compared) OVER (PARTITION BY assessment_id) AS low,
                quantileExactInclusiveIf(0.73)(share, compared) OVER (PARTITION BY assessment_id) AS high
            FROM firsts
            GROUP BY assessment_id, student_id
        ),
        countIf(compared) AS others,
        corrStableIf(toFloat64(each.2), rest, compared) AS correlation,
        avgOrNullIf(toFloat64(each.2), upper) - avgOrNullIf(toFloat64(each.2), lower) AS difference,
        max(spread AND compared) AS apart
    SELECT
        assessment_id,
        each.1 AS question_id,
        count() AS answered,
        100 * countIf(each.2) / answered AS right_pct,
        if(others < 10 OR isNaN(correlation), NULL, 100 * correlation) AS point_biserial,
        if(others < 10 OR NOT apart, NULL, 100 * difference) AS discrimination,
        others
    FROM
    (
        SELECT
            assessment_id,
            each,
            compared,
            compared AND share >= high AS upper,
            compared AND share <= low AS lower,
            high > low AS spread,
            if(compared, (right - each.2) / (total - 1), 0) AS rest
        FROM papers
        ARRAY JOIN answers AS each
    )
    GROUP BY assessment_id, question_id
) AS asked
LEFT JOIN
(
    SELECT
        assessment_id, question_id,
        argMax(tuple(question_levels.rasch), fitted_on).1 AS rasch,
        argMax(tuple(question_levels.rasch_error), fitted_on).1 AS rasch_error
    FROM question_levels FINAL
    WHERE course_id = {course:String} AND fitted_on < {end:Date}
    GROUP BY assessment_id, question_id
) AS levels USING (assessment_id, question_id)
ORDER BY assessment_id, question_id

-- name: course_choices
-- Who chose which answer of each question first, of the upper and the lower group of `course_items`. Choices that anybody
-- ever took are listed, also those that nobody took first.
WITH
    sat AS
    (
        SELECT
            assessment_id, question_id, student_id,
            countIf(attempt = 1) > 0 AS began,
            argMinIf(assumeNotNull(correct), (at, UUIDToNum(event_id)), attempt = 1) AS first,
            argMinIf(answer_id, (at, UUIDToNum(event_id)), attempt = 1) AS choice,
            groupUniqArrayIf((answer_id, assumeNotNull(correct)), answer_id != '') AS taken
        FROM quiz_answers FINAL
        WHERE course_id = {course:String} AND correct IS NOT NULL
            AND assessment_id != '' AND question_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
            AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
        GROUP BY assessment_id, question_id, student_id
    ),
    -- each learner with the share right of an assessment, beside the bounds of its upper and its lower group
    papers AS
    (
        SELECT
            assessment_id,
            groupArray((question_id, choice)) AS choices,
            countIf(first) / count() AS share,
            count() > 1 AS compared,
            quantileExactInclusiveIf(0.27)(share, compared) OVER (PARTITION BY assessment_id) AS low,
            quantileExactInclusiveIf(0.73)(share, compared) OVER (PARTITION BY assessment_id) AS high
        FROM sat
        WHERE began
        GROUP BY assessment_id, student_id
    ),
    counted AS
    (
        SELECT
            assessment_id,
            each.1 AS question_id,
            each.2 AS answer_id,
            count() AS chosen,
            countIf(compared) AS others,
            countIf(compared AND high > low AND share >= high) AS of_upper,
            countIf(compared AND high > low AND share <= low) AS of_lower,
            sum(if(answer_id = '', 0, chosen)) OVER question AS answered,
            sum(others) OVER question AS all_others,
            sum(if(answer_id = '', 0, of_upper)) OVER question AS upper_size,
            sum(if(answer_id = '', 0, of_lower)) OVER question AS lower_size
        FROM papers
        ARRAY JOIN choices AS each
        GROUP BY assessment_id, question_id, answer_id
        WINDOW question AS (PARTITION BY assessment_id, question_id)
    ),
    known AS
    (
        SELECT assessment_id, question_id, each.1 AS answer_id, max(each.2) AS right, uniqExact(student_id) AS people
        FROM sat
        ARRAY JOIN taken AS each
        GROUP BY assessment_id, question_id, answer_id
    )
SELECT
    assessment_id, question_id, answer_id, right, people,
    max(ifNull(counted.answered, 0)) OVER question AS answered,
    ifNull(counted.chosen, 0) AS chosen,
    100 * chosen / nullIf(answered, 0) AS chosen_pct,
    max(ifNull(counted.upper_size, 0)) OVER question AS upper_size,
    max(ifNull(counted.lower_size, 0)) OVER question AS lower_size,
    max(ifNull(counted.all_others, 0)) OVER question >= 10 AND upper_size > 0 AND lower_size > 0 AS told,
    if(told, ifNull(counted.of_upper, 0), NULL) AS upper,
    if(told, ifNull(counted.of_lower, 0), NULL) AS lower,
    if(told, 100 * upper / upper_size, NULL) AS upper_pct,
    if(told, 100 * lower / lower_size, NULL) AS lower_pct
FROM known
LEFT JOIN counted USING (assessment_id, question_id, answer_id)
WINDOW question AS (PARTITION BY assessment_id, question_id)
ORDER BY assessment_id, question_id, answer_id
SETTINGS join_use_nulls = 1

-- name: course_threads
-- The threads of a course, the ones that wait for an answer longest first. An answer comes from somebody else than who began it.
SELECT
    item_id AS thread_id,
    argMinIf(student_id, (at, UUIDToNum(event_id)), event_type = 'forum_post') AS author,
    nullIf(minIf(at, event_type = 'forum_post'), toDateTime64(0, 6, 'UTC')) AS begun_at,
    groupArrayIf((at, student_id), event_type = 'forum_reply') AS answers,
    arrayFilter(answer -> begun_at IS NULL OR answer.2 != author, answers) AS others,
    length(answers) AS replies,
    length(arrayDistinct(answers.2)) AS repliers,
    uniqExactIf(student_id, event_type = 'forum_view') AS readers,
    uniqExactIf(student_id, event_type != 'forum_view') AS voices,
    if(empty(others), 'waiting', 'answered') AS answer,
    if(empty(others), NULL, arrayMin(others.1)) AS answered_at,
    maxIf(at, event_type != 'forum_view') AS last_at,
    if(empty(others), dateDiff('day', begun_at, {moment:DateTime64(6, 'UTC')}), NULL) AS waits
FROM course_acts FINAL
WHERE course_id = {course:String} AND event_type IN ('forum_post', 'forum_reply', 'forum_view')
    AND item_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY item_id
HAVING voices > 0
ORDER BY waits IS NULL, waits DESC, last_at DESC, thread_id

-- name: course_waiting
-- The threads of a course that nobody has answered, with who began each, the ones that wait longest first.
SELECT
    thread_id,
    author AS student_id,
    begun_at,
    waits,
    readers
FROM
(
    SELECT
        item_id AS thread_id,
        argMinIf(student_id, (at, UUIDToNum(event_id)), event_type = 'forum_post') AS author,
        minIf(at, event_type = 'forum_post') AS begun_at,
        countIf(event_type = 'forum_post') AS posts,
        arrayDistinct(groupArrayIf(student_id, event_type = 'forum_reply')) AS repliers,
        arrayDistinct(groupArrayIf(student_id, event_type = 'forum_view')) AS seen,
        arrayCount(reader -> reader != author, seen) AS readers,
        dateDiff('day', begun_at, {moment:DateTime64(6, 'UTC')}) AS waits
    FROM course_acts FINAL
    WHERE course_id = {course:String} AND event_type IN ('forum_post', 'forum_reply', 'forum_view')
        AND item_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
        AND student_id NOT IN (SELECT student_id FROM left_out)
    GROUP BY item_id
    HAVING posts > 0 AND NOT arrayExists(replier -> replier != author, repliers)
)
ORDER BY waits DESC, thread_id

-- name: course_live
-- The live classes of a course: who came, for how long, and who took part in exercises meanwhile.
WITH
    seen AS
    (
        SELECT
            item_id, student_id,
            arraySort(groupArray((at, event_type = 'live_session_join', event_id))) AS acts,
            minIf(at, event_type = 'live_session_join') AS joined_at,
            maxIf(at, event_type = 'live_session_leave') AS left_at,
            -- each leaving ends the joining just before it
            arraySum(arrayMap(
                (act, before) -> if(NOT act.2 AND before.2, dateDiff('millisecond', before.1, act.1) / 1000, 0),
                acts, arrayPushFront(arrayPopBack(acts), (toDateTime64(0, 6, 'UTC'), false, toUUID('00000000-0000-0000-0000-000000000000'))))) AS stayed
        FROM course_acts FINAL
        WHERE course_id = {course:String} AND event_type IN ('live_session_join', 'live_session_leave')
            AND item_id != '' AND at < toDateTime64({end:Date}, 6, 'UTC')
            AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
        GROUP BY item_id, student_id
        HAVING joined_at > toDateTime64(0, 6, 'UTC')
    ),
    tried AS
    (
        SELECT student_id, arraySort(groupArray(at)) AS moments
        FROM course_acts FINAL
        WHERE course_id = {course:String} AND event_type = 'interactive_attempt' AND at < toDateTime64({end:Date}, 6, 'UTC')
        GROUP BY student_id
    )
SELECT
    item_id AS live_session_id,
    min(joined_at) AS began_at,
    count() AS attended,
    countIf(stayed > 0) AS with_stay,
    toFloat64(sumIf(toDecimal128(stayed, 3), stayed > 0)) / nullIf(with_stay, 0) AS stay,
    sum(length(arrayFilter(moment -> moment >= joined_at AND moment <= left_at, moments))) AS interactions,
    countIf(arrayExists(moment -> moment >= joined_at AND moment <= left_at, moments)) AS took_part,
    100 * took_part / attended AS took_part_pct
FROM seen
LEFT JOIN tried USING (student_id)
GROUP BY item_id
ORDER BY began_at DESC, live_session_id

-- name: course_exercises
-- The interactive exercises of a course: the first verdict of each learner decides whether it was right at once.
SELECT
    item_id AS interactive_id,
    count() AS learners,
    sum(tries) AS attempts,
    countIf(judged) AS with_verdict,
    countIf(judged AND first) AS right_first,
    100 * right_first / nullIf(with_verdict, 0) AS first_try_pct,
    countIf(ever) AS solved
FROM
(
    SELECT
        item_id, student_id,
        count() AS tries,
        countIf(correct IS NOT NULL) > 0 AS judged,
        argMinIf(assumeNotNull(correct), (at, UUIDToNum(event_id)), correct IS NOT NULL) AS first,
        max(ifNull(correct, false)) AS ever
    FROM course_acts FINAL
    WHERE course_id = {course:String} AND event_type = 'interactive_attempt' AND item_id != ''
        AND at < toDateTime64({end:Date}, 6, 'UTC')
        AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
    GROUP BY item_id, student_id
)
GROUP BY item_id
ORDER BY interactive_id

-- name: video_moments
-- What viewers do in each five seconds of a video: pause, jump away, land, and play it faster than normal. Played is what
-- lies between a player's start and its next pause, jump, end or change of speed, if it took the time that it must.
WITH
    acts AS
    (
        SELECT
            student_id, event_type, at, position, position_to, rate,
            leadInFrame(event_type) OVER ordered AS next_type,
            leadInFrame(at) OVER ordered AS next_at,
            leadInFrame(position) OVER ordered AS next_position
        FROM
        (
            SELECT student_id, event_type, at, event_id, position, position_to, rate
            FROM course_acts FINAL
            WHERE course_id = {course:String} AND item_id = {video:String} AND at < toDateTime64({end:Date}, 6, 'UTC')
                AND event_type IN ('video_play', 'video_pause', 'video_seek', 'video_rate_change', 'video_complete')
                AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
        )
        WINDOW ordered AS (PARTITION BY student_id ORDER BY at, UUIDToNum(event_id) ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)
    ),
    played AS
    (
        SELECT
            student_id, ifNull(rate, 1) AS speed,
            assumeNotNull(position) AS begins, assumeNotNull(next_position) AS ends
        FROM acts
        WHERE event_type IN ('video_play', 'video_rate_change') AND next_type IN ('video_pause', 'video_seek', 'video_rate_change', 'video_complete')
            AND next_position > position AND next_position - position <= speed * dateDiff('millisecond', at, next_at) / 1000 + 5
    ),
    counted AS
    (
        SELECT bucket, uniqExact(student_id) AS players, uniqExactIf(student_id, speed > 1) AS faster
        FROM played
        ARRAY JOIN range(toUInt64(floor(begins / 5)), toUInt64(ceil(ends / 5))) AS bucket
        GROUP BY bucket
    ),
    stopped AS
    (
        SELECT
            toUInt64(floor(what.2 / 5)) AS bucket,
            uniqExactIf(student_id, what.1 = 'pause') AS pausers,
            uniqExactIf(student_id, what.1 = 'left') AS leavers,
            uniqExactIf(student_id, what.1 = 'landed') AS arrivals
        FROM acts
        ARRAY JOIN arrayFilter(each -> each.2 IS NOT NULL, [
            ('pause', if(event_type = 'video_pause', position, NULL)),
            ('left', if(event_type = 'video_seek', position, NULL)),
            ('landed', if(event_type = 'video_seek', position_to, NULL))]) AS what
        GROUP BY bucket
    )
SELECT
    5 * number AS second,
    counted.players AS players,
    counted.faster AS faster,
    100 * counted.faster / nullIf(counted.players, 0) AS faster_pct,
    stopped.pausers AS pausers,
    stopped.leavers AS leavers,
    stopped.arrivals AS arrivals
FROM numbers(greatest(
    ifNull((SELECT max(bucket) + 1 FROM counted), 0), ifNull((SELECT max(bucket) + 1 FROM stopped), 0))) AS steps
LEFT JOIN counted ON counted.bucket = steps.number
LEFT JOIN stopped ON stopped.bucket = steps.number
ORDER BY second

-- name: course_weeks
-- A class at the end of each whole week since the course began, sixty at most: by its first day in the catalog, or else by the
-- first day on which somebody learned.
WITH
    (SELECT any(lessons) FROM course_orders FINAL WHERE course_id = {course:String} AND cataloged) AS list,
    (
        SELECT max(row.2) FROM (SELECT arrayJoin({presentations:Array(Tuple(String, Date, Int32))}) AS row)
        WHERE row.1 = {course:String}
    ) AS planned,
    (
        SELECT toDate(min(learned_at)) FROM learner_courses FINAL
        WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM left_out)
            AND student_id NOT IN {apart:Array(UUID)}
    ) AS seen,
    toDate(if(ifNull(planned, toDate(0)) > toDate(0), assumeNotNull(planned), ifNull(seen, toDate(0)))) AS begun,
    least({end:Date}, {today:Date}) AS until,
    least(60, intDiv(greatest(0, dateDiff('day', begun, until)), 7)) AS whole
SELECT
    week,
    any(ending) - 7 AS starts_on,
    count() AS learners,
    countIf(active) AS active_learners,
    100 * active_learners / learners AS active_pct,
    if(empty(list), 0, learners) AS with_completion,
    100 * sum(done) / nullIf(learners * length(list), 0) AS completion_pct,
    100 * stddevSampStable(done) / nullIf(length(list), 0) AS completion_spread,
    count(last.score_pct) AS with_score,
    avgOrNull(last.score_pct) AS score_pct,
    stddevSampStable(last.score_pct) AS score_spread
FROM
(
    SELECT
        week,
        addDays(begun, 7 * week) AS ending,
        arrayLast(step -> step.day < ending, steps) AS last,
        last.days_active > arrayLast(step -> step.day < ending - 7, steps).days_active AS active,
        length(arrayIntersect(arrayFilter(l -> l.completed_on < ending, learner_courses.lessons).lesson_id, list)) AS done
    FROM learner_courses FINAL
    ARRAY JOIN arrayMap(n -> toInt32(n + 1), range(toUInt64(whole))) AS week
    WHERE course_id = {course:String} AND (learner_courses.enrolled_at < ending OR learned_at < ending)
        AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
)
WHERE NOT last.gone
GROUP BY week
ORDER BY week

-- name: course_messages
-- Of each reason, how many of those who were written to and of the others learned within seven days.
SELECT
    row.1 AS rule,
    countIf(row.4 = 1) AS written,
    countIf(row.4 = 1 AND back) AS written_active,
    100 * written_active / nullIf(written, 0) AS written_pct,
    countIf(row.4 = 0) AS others,
    countIf(row.4 = 0 AND back) AS others_active,
    100 * others_active / nullIf(others, 0) AS others_pct
FROM
(
    SELECT row, arrayExists(d -> d.learned AND d.day > row.3 AND d.day <= row.3 + 7, days) AS back
    FROM (SELECT arrayJoin({written_to:Array(Tuple(String, UUID, Date, UInt8))}) AS row) AS asked
    INNER JOIN
    (
        SELECT student_id, learner_courses.days AS days
        FROM learner_courses FINAL
        WHERE course_id = {course:String} AND student_id NOT IN (SELECT student_id FROM left_out)
            AND student_id NOT IN {apart:Array(UUID)}
    ) AS class ON class.student_id = row.2
)
GROUP BY rule
ORDER BY rule

-- name: course_work
-- How far everybody who is in a course is with each quiz and assignment of the catalog. Everybody is in one state of each.
SELECT
    listed.assessment_id AS assessment_id,
    any(listed.kind) AS kind,
    any(listed.due_at) AS due_at,
    count() AS learners,
    countIf(state = 'not_started') AS not_started,
    countIf(state = 'in_work') AS in_work,
    countIf(state = 'handed_in') AS handed_in,
    countIf(state = 'late') AS late,
    countIf(state = 'graded') AS graded,
    countIf(state IN ('not_started', 'in_work') AND ifNull(listed.due_at <= {moment:DateTime64(6, 'UTC')}, false)) AS overdue
FROM
(
    SELECT
        listed,
        arrayFirst(tried -> tried.assessment_id = listed.assessment_id, standing) AS work,
        multiIf(
            work.resulted, 'graded',
            work.handed_in_at > toDateTime64(0, 6, 'UTC') AND ifNull(work.handed_in_at > listed.due_at, false), 'late',
            work.handed_in_at > toDateTime64(0, 6, 'UTC'), 'handed_in',
            work.attempts > 0, 'in_work',
            'not_started') AS state
    FROM
    (
        SELECT arrayFilter(tried -> tried.day < {end:Date} AND tried.until >= {end:Date}, assessments) AS standing
        FROM learner_courses FINAL
        WHERE course_id = {course:String}
            AND (learner_courses.enrolled_at < {end:Date} OR learned_at < {end:Date})
            AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
            AND student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}
    ) AS class
    CROSS JOIN
    (
        SELECT CAST((assessment_id, kind, due_at), 'Tuple(assessment_id String, kind String, due_at Nullable(DateTime64(6, \'UTC\')))') AS listed
        FROM course_assessments FINAL
        WHERE course_id = {course:String}
    ) AS works
)
GROUP BY assessment_id
ORDER BY due_at, assessment_id

-- name: course_open_work
-- Of everybody in a course how much work is overdue, and what is due next.
SELECT
    student_id,
    arrayCount(listed -> ifNull(listed.due_at <= {moment:DateTime64(6, 'UTC')}, false) AND NOT has(handed, listed.assessment_id), works) AS overdue,
    arrayFirst(
        listed -> ifNull(listed.due_at > {moment:DateTime64(6, 'UTC')}, false) AND NOT has(handed, listed.assessment_id), works) AS next,
    next.assessment_id AS assessment_id,
    next.due_at AS next_due_at
FROM
(
    SELECT
        student_id,
        arrayFilter(
            tried -> tried.day < {end:Date} AND tried.until >= {end:Date}
                AND (tried.resulted OR tried.handed_in_at > toDateTime64(0, 6, 'UTC')),
            assessments).assessment_id AS handed
    FROM learner_courses FINAL
    WHERE course_id = {course:String}
        AND (learner_courses.enrolled_at < {end:Date} OR learned_at < {end:Date})
        AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
        AND student_id NOT IN (SELECT student_id FROM no_learners)
) AS class
CROSS JOIN
(
    SELECT arraySort(
        work -> (isNull(work.due_at), ifNull(work.due_at, toDateTime64(0, 6, 'UTC')), work.assessment_id),
        groupArray(CAST((assessment_id, due_at), 'Tuple(assessment_id String, due_at Nullable(DateTime64(6, \'UTC\')))'))) AS works
    FROM course_assessments FINAL
    WHERE course_id = {course:String}
) AS list
WHERE notEmpty(works)
ORDER BY student_id

-- name: course_participation
-- What everybody in a course who agreed to analytics wrote and read in its discussions in a period, how many others they
-- answered, and how many others answered them.
WITH
    begun AS
    (
        SELECT item_id, argMin(student_id, (at, UUIDToNum(event_id))) AS author
        FROM course_acts FINAL
        WHERE course_id = {course:String} AND event_type = 'forum_post' AND item_id != ''
            AND at < toDateTime64({end:Date}, 6, 'UTC') AND student_id NOT IN (SELECT student_id FROM left_out)
        GROUP BY item_id
    ),
    answered AS
    (
        SELECT DISTINCT author, acts.student_id AS helper
        FROM course_acts AS acts FINAL
        INNER JOIN begun USING (item_id)
        WHERE course_id = {course:String} AND event_type = 'forum_reply' AND acts.student_id != author
            AND at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
            AND acts.student_id NOT IN (SELECT student_id FROM left_out)
    )
SELECT
    class.student_id AS student_id,
    ifNull(said.posts, 0) AS posts,
    ifNull(said.replies, 0) AS replies,
    ifNull(said.views, 0) AS views,
    posts + replies AS contributions,
    said.last_on AS last_on,
    ifNull(gave.helped, 0) AS helped,
    ifNull(got.helped_by, 0) AS helped_by,
    multiIf(posts + replies > 0, 'writes', views > 0, 'reads', 'silent') AS voice
FROM
(
    SELECT student_id
    FROM learner_courses FINAL
    WHERE course_id = {course:String} AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
        AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
        AND student_id NOT IN (SELECT student_id FROM left_out)
) AS class
LEFT JOIN
(
    SELECT
        student_id,
        sum(forum_posts) AS posts,
        sum(forum_replies) AS replies,
        sum(forum_views) AS views,
        maxIf(day, forum_posts + forum_replies > 0) AS wrote_on,
        if(wrote_on = toDate(0), NULL, wrote_on) AS last_on
    FROM student_course_days FINAL
    WHERE course_id = {course:String} AND day >= {start:Date} AND day < {end:Date}
    GROUP BY student_id
) AS said USING (student_id)
LEFT JOIN (SELECT helper AS student_id, count() AS helped FROM answered GROUP BY helper) AS gave USING (student_id)
LEFT JOIN (SELECT author AS student_id, count() AS helped_by FROM answered GROUP BY author) AS got USING (student_id)
ORDER BY student_id
SETTINGS join_use_nulls = 1

-- name: left_out_now
-- Who is no learner, or does not agree: no list shows them.
SELECT student_id FROM left_out
