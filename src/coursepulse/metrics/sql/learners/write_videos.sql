-- What the touched learners had covered of each video at the end of each day on which they played it.
INSERT INTO touched_watch
WITH
    -- Of the reports of a session_id the largest is believed, and then its pairs are not: see `video_watch`.
    arrayReverseSort(watch -> (watch.4, watch.5, watch.6), arrayFilter(watch -> notEmpty(watch.3), so_far)) AS reports,
    arrayFilter((watch, i) -> indexOf(reports.1, watch.1) = i, reports, arrayEnumerate(reports)) AS believed,
    arrayFilter(watch -> NOT has(reports.1, watch.1), so_far) AS unreported,
    arrayFilter(
        s -> s.2 > s.1,
        arrayMap(s -> (greatest(0., s.1), if(known = 0, s.2, least(s.2, known))),
                 arrayFlatten(arrayConcat(believed.3, unreported.2)))) AS segments,
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
