-- The rollups of learners.

-- name: drop_old_learners
-- For a rebuild: takes away the rows that it did not write again.
DELETE FROM learner_courses WHERE version < {version:UInt64};
DELETE FROM learner_watch WHERE version < {version:UInt64}

-- name: clear_touched
-- Empties the work tables of the last turn.
TRUNCATE TABLE touched_learners;
TRUNCATE TABLE touched_watch

-- name: write_orders
-- Renews the lists of lessons that have changed.
INSERT INTO course_orders (course_id, lessons, cataloged, version)
SELECT course_id, argMax(lessons, fresh), argMax(cataloged, fresh), {version:UInt64}
FROM
(
    SELECT course_id, lessons, cataloged, 1 AS fresh FROM lesson_lists
    UNION ALL
    SELECT course_id, lessons, cataloged, 0 AS fresh FROM course_orders FINAL
)
GROUP BY course_id
-- known to the view alone, in another order, or by the catalog now
HAVING min(fresh) = 1 OR uniqExact(lessons, cataloged) > 1

-- name: drop_old_touched
-- Takes away the rows of touched learners that were not written again: they have no days any more.
DELETE FROM learner_courses WHERE (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners) AND version < {version:UInt64};
DELETE FROM learner_watch WHERE (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners) AND version < {version:UInt64}

-- name: touch_stale
-- Notes the learners of one slice whose rows are out of date: their days are newer (a stopped process left them undone),
-- the roster has changed, or the rows are of an older edition.
INSERT INTO touched_learners
SELECT course_id, student_id
FROM
(
    SELECT course_id, student_id, version AS days, 0 AS made, 0 AS told, 0 AS heard
    FROM student_course_days
    WHERE course_id != '' AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
    UNION ALL
    SELECT course_id, student_id, 0 AS days, if(edition < 6, 0, version) AS made, 0 AS told, listed AS heard
    FROM learner_courses
    WHERE cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
    UNION ALL
    SELECT course_id, student_id, 0 AS days, 0 AS made, version AS told, 0 AS heard
    FROM roster_enrolments
    WHERE cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
)
GROUP BY course_id, student_id
HAVING max(days) > max(made) OR max(told) > max(heard)

-- name: find_resized
-- The videos whose length is not the one that their rows were made with.
TRUNCATE TABLE resized_videos;
INSERT INTO resized_videos
SELECT course_id, video_id, sum(length) AS duration
FROM
(
    SELECT course_id, video_id, duration AS length, 0. AS used FROM video_lengths
    UNION ALL
    SELECT course_id, video_id, 0. AS length, duration AS used FROM sized_videos FINAL
)
GROUP BY course_id, video_id
HAVING sum(length) != sum(used)

-- name: count_resized
-- How many learners have played a video whose length has changed.
SELECT uniqExact(course_id, student_id)
FROM learner_watch
WHERE (course_id, video_id) IN (SELECT course_id, video_id FROM resized_videos)

-- name: touch_resized
-- Notes the learners of one slice who have played a video whose length has changed.
INSERT INTO touched_learners
SELECT DISTINCT course_id, student_id
FROM learner_watch
WHERE (course_id, video_id) IN (SELECT course_id, video_id FROM resized_videos)
  AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}

-- name: note_sizes
-- Remembers the lengths that the rows were made with.
INSERT INTO sized_videos SELECT course_id, video_id, duration, {version:UInt64} FROM resized_videos

-- name: touch_slice
-- For a rebuild: notes every learner of one slice of the students.
INSERT INTO touched_learners
SELECT DISTINCT course_id, student_id
FROM
(
    SELECT course_id, student_id FROM student_course_days WHERE course_id != ''
    UNION ALL
    SELECT course_id, student_id FROM roster_enrolments
)
WHERE cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}

-- name: count_days
-- How many course days there are: what a pass over all learners reads.
SELECT count() FROM student_course_days

-- name: write_videos
-- What the touched learners had covered of each video at the end of each day on which they played it.
-- A level for each step: a name is planned again wherever it stands, a column is not.
INSERT INTO touched_watch
SELECT
    course_id,
    video_id,
    student_id,
    {version:UInt64} AS version,
    nullIf(any(known), 0) AS duration,
    arraySort(groupArray((
        day,
        arraySum((length, depth) -> if(depth >= 1, length, 0), lengths, depths),
        arraySum((length, depth) -> if(depth >= 2, length, 0), lengths, depths)))) AS steps
FROM
(
    SELECT
        course_id, video_id, student_id, day, known,
        arrayPopBack(arrayCumSum(edges.2)) AS depths,
        arrayMap((here, there) -> there - here, arrayPopBack(edges.1), arrayPopFront(edges.1)) AS lengths
    FROM
    (
        SELECT
            course_id, video_id, student_id, day, known,
            -- The edges of all segments in order, +1 where one begins and -1 where one ends, tell how many cover each
            -- stretch.
            arraySort(arrayConcat(arrayMap(s -> (s.1, 1), segments), arrayMap(s -> (s.2, -1), segments))) AS edges
        FROM
        (
            WITH arrayMap(
                (r, later) -> if(empty(later), r.1, arrayFilter(
                    s -> s.2 > s.1,
                    arrayFlatten(arrayMap(s -> arrayMap(p -> (greatest(s.1, p.1), least(s.2, p.2)),
                                                        arrayFlatten(later.3)), r.1)))),
                believed, again) AS told
            SELECT
                course_id, video_id, student_id, day, known, arrayConcat(arrayFlatten(told), unreported) AS segments
            FROM
            (
                SELECT
                    course_id, video_id, student_id, day, known, believed, unreported,
                    -- A report that later ones repeat adds only what was played again in their sessions:
                    -- tests/reference/video.py.
                    arrayMap(
                        r -> arrayFilter(
                            other -> arrayReduce('intervalLengthSum', arrayConcat(other.1, r.1).1, arrayConcat(other.1, r.1).2)
                                - arrayReduce('intervalLengthSum', other.1.1, other.1.2) < 0.001,
                            arrayFilter(other -> other.2 > r.2, believed)),
                        believed) AS again
                FROM
                (
                    WITH ((pieces, length) -> arrayFilter(
                        s -> s.2 > s.1,
                        arrayMap(s -> (greatest(0., s.1), if(length = 0, s.2, least(s.2, length))), pieces))) AS clip
                    SELECT
                        course_id, video_id, student_id, day, known,
                        arrayMap(
                            r -> (clip(r.3, known), (r.5, r.6), arrayFlatten(arrayFilter(watch -> watch.1 = r.1, so_far).2)),
                            arrayFilter((watch, i) -> indexOf(reports.1, watch.1) = i,
                                        reports, arrayEnumerate(reports))) AS believed,
                        clip(arrayFlatten(arrayFilter(watch -> NOT has(reports.1, watch.1), so_far).2), known) AS unreported
                    FROM
                    (
                        SELECT
                            course_id, video_id, student_id, day, known, so_far,
                            -- Of the reports of a session_id the largest is believed, and then its pairs are not: see
                            -- `video_watch`.
                            arrayReverseSort(watch -> (watch.4, watch.5, watch.6),
                                             arrayFilter(watch -> notEmpty(watch.3), so_far)) AS reports
                        FROM
                        (
                            SELECT
                                course_id, video_id, student_id, day, length AS known,
                                groupArrayArray(watches)
                                    OVER (PARTITION BY course_id, student_id, video_id ORDER BY day) AS so_far
                            FROM
                            (
                                SELECT
                                    course_id, video_id, student_id, day,
                                    groupArray((session_id, paired, reported, reported_micros,
                                                assumeNotNull(reported_at), UUIDToNum(assumeNotNull(reported_by)))) AS watches
                                FROM student_watch FINAL
                                WHERE student_id IN (SELECT student_id FROM touched_learners)
                                  AND (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners)
                                GROUP BY course_id, video_id, student_id, day
                            ) AS watched
                            LEFT JOIN
                            (
                                SELECT course_id, video_id, duration AS length
                                FROM video_lengths
                                WHERE course_id IN (SELECT course_id FROM touched_learners)
                            ) AS lengths USING (course_id, video_id)
                        )
                    )
                )
            )
        )
    )
)
GROUP BY course_id, video_id, student_id;
INSERT INTO learner_watch SELECT * FROM touched_watch

-- name: write_awaited
-- The rows of touched learners who are on the roster and have done nothing yet.
INSERT INTO learner_courses (course_id, student_id, version, days, enrolments, edition, listed)
WITH
    ifNull(starts_on, known_on) AS since,
    if(left_on IS NULL, [since], [since, greatest(since, assumeNotNull(left_on))]) AS marks
SELECT
    course_id,
    student_id,
    {version:UInt64} AS version,
    arrayMap(on -> (on, toInt64(0), toUInt32(0), false, toDateTime64(0, 6, 'UTC')), arrayDistinct(marks)) AS days,
    arrayMap((on, nth) -> (toDateTime64(on, 6, 'UTC'), if(nth = 1, 'course_enroll', 'course_unenroll')),
             marks, arrayEnumerate(marks)) AS enrolments,
    4 AS edition,
    roster.version AS listed
FROM roster_enrolments AS roster FINAL
WHERE student_id IN (SELECT student_id FROM touched_learners)
  AND (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners)
  AND (course_id, student_id) NOT IN
      (SELECT course_id, student_id FROM student_days WHERE student_id IN (SELECT student_id FROM touched_learners))

-- name: write_courses
-- The rows of the touched learners, from all their days and enrolments, and from `touched_watch`.
-- Per cents are added up as decimals: a sum must not depend on the order in which its terms came.
-- Small blocks: what each row says of each day is computed by the table, block by block, with copies of whole arrays.
-- A level for each step: a name is planned again wherever it stands, a column is not.
INSERT INTO learner_courses
SETTINGS max_block_size = 128, min_insert_block_size_rows = 4096, min_insert_block_size_bytes = 2000000
SELECT
    course_id,
    student_id,
    {version:UInt64} AS version,
    if(listed > 0, NULL, began) AS learned_at,
    arraySort(arrayConcat(
        learned,
        if(listed > 0, arrayMap(on -> (on, toInt64(0), toUInt32(0), toUInt8(0), toDateTime64(0, 6, 'UTC')),
                                arrayFilter(on -> NOT has(learned.1, on),
                                            arrayDistinct(arrayMap(e -> toDate(e.1), decided)))), []))) AS days,
    arrayMap((lesson, on) -> (lesson, toDate(on), toDate(if(has(ends.1, lesson), ends.2[indexOf(ends.1, lesson)], 65535))),
             starts.1, starts.2) AS lessons,
    if(listed = 0, said, arraySort(e -> (e.1, e.2), arrayConcat(
        decided, arrayFilter(e -> e.2 NOT IN ('course_enroll', 'course_unenroll'), said)))) AS enrolments,
    arraySort(arrayConcat(
        arrayMap(a -> ('quiz', a.1, a.2, a.3, false), attempts),
        arrayMap(a -> ('quiz', a.1, a.2, a.3, true), quizzes),
        arrayMap(a -> ('assignment', a.1, a.2, a.3, true), handed),
        arrayMap(a -> ('assignment', a.1, a.2, a.3, false), graded))) AS tries,
    arrayMap(
        -- A result without a score takes none back: the last score stands, and the word about passing since then.
        (r, key, cut, i) -> (r.1, r.2, r.3, r.4, r.5,
                        arrayLast((score, other, j) -> j <= i AND other = key AND score IS NOT NULL, told.6, keys, places),
                        arrayLast((passed, other, j) -> j <= i AND other = key AND passed IS NOT NULL
                                      AND j >= arrayLastIndex((score, which, n) -> n <= i AND which = key AND score IS NOT NULL,
                                                              told.6, keys, places),
                                  told.7, keys, places),
                        least(cut, arrayFirst((later, other, j) -> j > i AND other = key,
                                              arrayPushBack(told.4, never),
                                              arrayPushBack(keys, key),
                                              range(toUInt64(1), length(keys) + 2)))),
        told, keys, cuts, places) AS results,
    arrayMap((on, pct, videos) -> (toDate(on), if(videos = 0, NULL, toFloat64(pct) / videos)),
             seen.1, arrayCumSum(seen.2), arrayCumSum(seen.3)) AS watched,
    6 AS edition,
    listed
FROM
(
    SELECT
        *,
        if(empty(regrades), arrayMap(r -> (r.1, r.2, toUInt64(r.3)), told), arrayMap(
            (r, i) -> (r.1, r.2, r.3 + 65536 * arrayLast(g -> g.1 = r.1 AND g.2 = r.2 AND g.4 <= i, regrades).4),
            told, places)) AS keys,
        -- When the next regrade comes.
        if(empty(regrades), arrayMap(r -> never, told), arrayMap(
            (r, i) -> arrayFirst(g -> g.1 = r.1 AND g.2 = r.2 AND g.4 > i,
                                 arrayPushBack(regrades, (r.1, r.2, r.3, length(told) + 1, never))).5,
            told, places)) AS cuts,
        arrayConcat([(since, 'course_enroll')], if(left_on IS NULL, [], [(
            greatest(since, assumeNotNull(toDateTime64(left_on, 6, 'UTC'))), 'course_unenroll')])) AS decided
    FROM
    (
        SELECT
            *,
            toDateTime64('2299-12-31', 6, 'UTC') AS never,
            arrayEnumerate(told) AS places,
            -- A regrade, attempt 0, replaces what came before of every attempt: each key is of the time since the last one.
            arrayFilter(g -> g.3 = 0, arrayMap((r, i) -> (r.1, r.2, r.3, i, r.4), told, arrayEnumerate(told))) AS regrades,
            -- Where the roster has a row, it decides: since its first day, else since the first trace of the learner.
            ifNull(toDateTime64(starts_on, 6, 'UTC'), assumeNotNull(arrayMin(arrayConcat(
                [toDateTime64(known_on, 6, 'UTC')], arrayFilter(at -> at IS NOT NULL, [began]), entries.1)))) AS since
        FROM
        (
            WITH
                -- Results of one moment are ordered by value, the lower first, never by id.
                ((score, passed) -> toFixedString(unhex(concat(
                    if(score IS NULL, '00', '01'), leftPad(hex(reinterpretAsUInt64(ifNull(score, 0.) + 0.)), 16, '0'),
                    multiIf(passed IS NULL, '00', passed, '02', '01'), repeat('00', 6))), 16)) AS tie
            SELECT
                *,
                arraySort(
                    r -> (r.4, r.3 = 0, r.5),
                    arrayConcat(
                        arrayMap(r -> ('quiz', r.1, r.2, r.3, tie(r.5, r.6), r.5, r.6), quizzes),
                        arrayMap(r -> ('assignment', r.1, r.2, r.3, tie(r.5, r.6), r.5, r.6), graded))) AS told,
                arrayFilter(e -> e.2 = 'course_enroll', said) AS entries
            FROM
            (
                SELECT
                    course_id,
                    student_id,
                    minMap(past.lessons_started, arrayMap(lesson -> toUInt16(day), past.lessons_started)) AS starts,
                    minMap(past.lessons_completed, arrayMap(lesson -> toUInt16(day), past.lessons_completed)) AS ends,
                    groupArrayArray(past.quiz_attempts) AS attempts,
                    groupArrayArray(past.quiz_results) AS quizzes,
                    groupArrayArray(past.submissions) AS handed,
                    groupArrayArray(past.grades) AS graded,
                    groupArray((day, time_video + time_quiz + time_reading, past.visits, learning_events > 0,
                                ifNull(last_learning_at, toDateTime64(0, 6, 'UTC')))) AS learned,
                    minOrNullIf(first_at, learning_events > 0) AS began,
                    any(enrolled.said) AS said,
                    any(roster.version) AS listed,
                    any(roster.starts_on) AS starts_on,
                    any(roster.known_on) AS known_on,
                    any(roster.left_on) AS left_on,
                    any(watching.seen) AS seen
                FROM student_days AS past FINAL
                LEFT JOIN
                (
                    SELECT
                        course_id, student_id,
                        -- who leaves at the moment of enrolling has left (definitions/order.py)
                        arrayMap(e -> (e.1, e.4),
                                 arraySort(groupArray((at, event_type = 'course_unenroll', UUIDToNum(event_id),
                                                       toString(event_type))))) AS said
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
                -- GLOBAL: on a cluster, each shard would otherwise ask a work table of its own, which is empty.
                GLOBAL LEFT JOIN
                (
                    -- what each day added to the per cents of all videos, and how many videos it added
                    SELECT course_id, student_id,
                           sumMap(on, arrayMap((now, past) -> now - past, pcts, before),
                                  arrayMap((now, past) -> (now > 0) - (past > 0), pcts, before)) AS seen
                    FROM
                    (
                        SELECT course_id, student_id, on, pcts,
                               arrayPushFront(arrayPopBack(pcts), toDecimal128(0, 12)) AS before
                        FROM
                        (
                            SELECT
                                course_id, student_id,
                                arrayMap(step -> toUInt16(step.day), steps) AS on,
                                arrayMap(step -> toDecimal128(least(100., 100 * step.covered / duration), 12), steps) AS pcts
                            FROM touched_watch
                            WHERE duration IS NOT NULL
                        )
                    )
                    GROUP BY course_id, student_id
                ) AS watching USING (course_id, student_id)
                WHERE student_id IN (SELECT student_id FROM touched_learners)
                  AND (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners)
                GROUP BY course_id, student_id
            )
        )
    )
)
