-- What the touched learners had covered of each video at the end of each day on which they played it.
INSERT INTO touched_watch
WITH
    -- Of the reports of a session_id the largest is believed, and then its pairs are not: see `video_watch`.
    arrayReverseSort(watch -> (watch.4, watch.5, watch.6), arrayFilter(watch -> notEmpty(watch.3), so_far)) AS reports,
    ((pieces, length) -> arrayFilter(
        s -> s.2 > s.1,
        arrayMap(s -> (greatest(0., s.1), if(length = 0, s.2, least(s.2, length))), pieces))) AS clip,
    arrayMap(
        r -> (clip(r.3, known), (r.5, r.6), arrayFlatten(arrayFilter(watch -> watch.1 = r.1, so_far).2)),
        arrayFilter((watch, i) -> indexOf(reports.1, watch.1) = i, reports, arrayEnumerate(reports))) AS believed,
    -- A report that later ones tell again adds only what was played again in their sessions: learning/video.py.
    arrayMap(
        r -> arrayFilter(
            other -> arrayReduce('intervalLengthSum', arrayConcat(other.1, r.1).1, arrayConcat(other.1, r.1).2)
                - arrayReduce('intervalLengthSum', other.1.1, other.1.2) < 0.001,
            arrayFilter(other -> other.2 > r.2, believed)),
        believed) AS again,
    arrayMap(
        (r, later) -> if(empty(later), r.1, arrayFilter(
            s -> s.2 > s.1,
            arrayFlatten(arrayMap(s -> arrayMap(p -> (greatest(s.1, p.1), least(s.2, p.2)), arrayFlatten(later.3)), r.1)))),
        believed, again) AS told,
    arrayFilter(watch -> NOT has(reports.1, watch.1), so_far) AS unreported,
    arrayConcat(arrayFlatten(told), clip(arrayFlatten(unreported.2), known)) AS segments,
    -- The edges of all segments in order, +1 where one begins and -1 where one ends, tell how many cover each stretch.
    arraySort(arrayConcat(arrayMap(s -> (s.1, 1), segments), arrayMap(s -> (s.2, -1), segments))) AS edges,
    arrayPopBack(arrayCumSum(edges.2)) AS depths,
    arrayMap((here, there) -> there - here, arrayPopBack(edges.1), arrayPopFront(edges.1)) AS lengths
SELECT
    course_id,
    video_id,
    student_id,
    {cycle:UInt64} AS version,
    nullIf(any(known), 0) AS duration,
    arraySort(groupArray((
        day,
        arraySum((length, depth) -> if(depth >= 1, length, 0), lengths, depths),
        arraySum((length, depth) -> if(depth >= 2, length, 0), lengths, depths)))) AS steps
FROM
(
    SELECT
        course_id, video_id, student_id, day, length AS known,
        groupArrayArray(watches) OVER (PARTITION BY course_id, student_id, video_id ORDER BY day) AS so_far
    FROM
    (
        SELECT
            course_id, video_id, student_id, day,
            groupArray((session_id, paired, reported, reported_micros, assumeNotNull(reported_at),
                        UUIDToNum(assumeNotNull(reported_by)))) AS watches
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
GROUP BY course_id, video_id, student_id;
INSERT INTO learner_watch SELECT * FROM touched_watch
