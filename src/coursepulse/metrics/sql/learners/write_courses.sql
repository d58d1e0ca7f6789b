-- The rows of the touched learners, from all their days and enrolments, and from `touched_watch`.
-- Per cents are added up as decimals: a sum must not depend on the order in which its terms came.
-- Small blocks: what each row says of each day is computed by the table, block by block, with copies of whole arrays.
INSERT INTO learner_courses
SETTINGS max_block_size = 128, min_insert_block_size_rows = 4096, min_insert_block_size_bytes = 2000000
WITH
    minMap(past.lessons_started, arrayMap(lesson -> toUInt16(day), past.lessons_started)) AS starts,
    minMap(past.lessons_completed, arrayMap(lesson -> toUInt16(day), past.lessons_completed)) AS ends,
    -- Results of one moment are in the order of what they say, the lower first: ids are not asked.
    ((score, passed) -> toFixedString(unhex(concat(
        if(score IS NULL, '00', '01'), leftPad(hex(reinterpretAsUInt64(ifNull(score, 0.) + 0.)), 16, '0'),
        multiIf(passed IS NULL, '00', passed, '02', '01'), repeat('00', 6))), 16)) AS tie,
    arraySort(
        r -> (r.4, r.3 = 0, r.5),
        arrayConcat(
            arrayMap(r -> ('quiz', r.1, r.2, r.3, tie(r.5, r.6), r.5, r.6), groupArrayArray(past.quiz_results)),
            arrayMap(r -> ('assignment', r.1, r.2, r.3, tie(r.5, r.6), r.5, r.6), groupArrayArray(past.grades)))) AS told,
    -- A regrade, attempt 0, replaces what came before of every attempt: each key is of the time since the last one.
    arrayFilter(g -> g.3 = 0, arrayMap((r, i) -> (r.1, r.2, r.3, i, r.4), told, arrayEnumerate(told))) AS regrades,
    if(empty(regrades), arrayMap(r -> (r.1, r.2, toUInt64(r.3)), told), arrayMap(
        (r, i) -> (r.1, r.2, r.3 + 65536 * arrayLast(g -> g.1 = r.1 AND g.2 = r.2 AND g.4 <= i, regrades).4),
        told, arrayEnumerate(told))) AS keys,
    -- When the next regrade comes.
    toDateTime64('2299-12-31', 6, 'UTC') AS never,
    if(empty(regrades), arrayMap(r -> never, told), arrayMap(
        (r, i) -> arrayFirst(g -> g.1 = r.1 AND g.2 = r.2 AND g.4 > i,
                             arrayPushBack(regrades, (r.1, r.2, r.3, length(told) + 1, never))).5,
        told, arrayEnumerate(told))) AS cuts,
    -- Where the roster has a row, it decides: since its first day, else since the first trace of the learner.
    any(roster.version) AS listed,
    minOrNullIf(first_at, learning_events > 0) AS began,
    arrayFilter(e -> e.2 = 'course_enroll', any(said)) AS entries,
    arrayMin(arrayConcat([toDateTime64(any(known_on), 6, 'UTC')], arrayFilter(at -> at IS NOT NULL, [began]), entries.1)) AS traced,
    ifNull(toDateTime64(any(starts_on), 6, 'UTC'), assumeNotNull(traced)) AS since,
    arrayConcat([(since, 'course_enroll')], if(any(left_on) IS NULL, [], [(
        greatest(since, assumeNotNull(toDateTime64(any(left_on), 6, 'UTC'))), 'course_unenroll')])) AS decided
SELECT
    course_id,
    student_id,
    {cycle:UInt64} AS version,
    if(listed > 0, NULL, began) AS learned_at,
    arraySort(arrayConcat(
        groupArray((day, time_video + time_quiz + time_reading, visits, learning_events > 0,
                    ifNull(last_learning_at, toDateTime64(0, 6, 'UTC')))),
        if(listed > 0, arrayMap(on -> (on, toInt64(0), toUInt32(0), toUInt8(0), toDateTime64(0, 6, 'UTC')),
                                arrayFilter(on -> NOT has(groupArray(day), on),
                                            arrayDistinct(arrayMap(e -> toDate(e.1), decided)))), []))) AS days,
    arrayMap((lesson, on) -> (lesson, toDate(on), toDate(if(has(ends.1, lesson), ends.2[indexOf(ends.1, lesson)], 65535))),
             starts.1, starts.2) AS lessons,
    if(listed = 0, any(said), arraySort(e -> (e.1, e.2), arrayConcat(
        decided, arrayFilter(e -> e.2 NOT IN ('course_enroll', 'course_unenroll'), any(said))))) AS enrolments,
    arraySort(arrayConcat(
        arrayMap(a -> ('quiz', a.1, a.2, a.3, false), groupArrayArray(past.quiz_attempts)),
        arrayMap(a -> ('quiz', a.1, a.2, a.3, true), groupArrayArray(past.quiz_results)),
        arrayMap(a -> ('assignment', a.1, a.2, a.3, true), groupArrayArray(past.submissions)),
        arrayMap(a -> ('assignment', a.1, a.2, a.3, false), groupArrayArray(past.grades)))) AS tries,
    arrayMap(
        -- A result without a score takes none back: the last score stands, and the word about passing since then.
        (r, key, cut, i) -> (r.1, r.2, r.3, r.4, r.5,
                        arrayLast((score, other, j) -> j <= i AND other = key AND score IS NOT NULL, told.6, keys, arrayEnumerate(keys)),
                        arrayLast((passed, other, j) -> j <= i AND other = key AND passed IS NOT NULL
                                      AND j >= arrayLastIndex((score, which, n) -> n <= i AND which = key AND score IS NOT NULL,
                                                              told.6, keys, arrayEnumerate(keys)),
                                  told.7, keys, arrayEnumerate(keys)),
                        least(cut, arrayFirst((later, other, j) -> j > i AND other = key,
                                              arrayPushBack(told.4, never),
                                              arrayPushBack(keys, key),
                                              range(toUInt64(1), length(keys) + 2)))),
        told, keys, cuts, arrayEnumerate(told)) AS results,
    arrayMap((on, pct, videos) -> (toDate(on), if(videos = 0, NULL, toFloat64(pct) / videos)),
             any(seen).1, arrayCumSum(any(seen).2), arrayCumSum(any(seen).3)) AS watched,
    6 AS edition,
    listed
FROM student_days AS past FINAL
LEFT JOIN
(
    SELECT
        course_id, student_id,
        -- who leaves at the moment of enrolling has left (learning/order.py)
        arrayMap(e -> (e.1, e.4),
                 arraySort(groupArray((at, event_type = 'course_unenroll', UUIDToNum(event_id), toString(event_type))))) AS said
    FROM enrolments FINAL
    WHERE (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners)
    GROUP BY course_id, student_id
) AS enrolled USING (course_id, student_id)
LEFT JOIN
(
    SELECT course_id, student_id, version, starts_on, known_on, left_on
    FROM roster_enrolments FINAL
    WHERE student_id IN (SELECT student_id FROM touched_learners)
) AS roster USING (course_id, student_id)
LEFT JOIN
(
    -- what each day added to the per cents of all videos, and how many videos it added
    SELECT course_id, student_id, sumMap(on, arrayMap((now, past) -> now - past, pcts, before),
                                         arrayMap((now, past) -> (now > 0) - (past > 0), pcts, before)) AS seen
    FROM
    (
        SELECT
            course_id, student_id,
            arrayMap(step -> toUInt16(step.day), steps) AS on,
            arrayMap(step -> toDecimal128(least(100., 100 * step.covered / duration), 12), steps) AS pcts,
            arrayPushFront(arrayPopBack(pcts), toDecimal128(0, 12)) AS before
        FROM touched_watch
        WHERE duration IS NOT NULL
    )
    GROUP BY course_id, student_id
) AS watching USING (course_id, student_id)
WHERE student_id IN (SELECT student_id FROM touched_learners)
  AND (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners)
GROUP BY course_id, student_id
