-- A player whose reports run on from session to session shows nobody as seeing twice what was seen once.

-- What each learner really played of each video: believed segments, clipped to the duration (null when unknown).
-- Of a report that later ones of other sessions tell again counts only what was played again in those: learning/video.py.
CREATE OR REPLACE VIEW learner_segments AS
WITH
    nullIf(any(length), 0) AS known,
    ((pieces, longest) -> arrayFilter(
        s -> s.2 > s.1,
        arrayMap(s -> (greatest(0., s.1), if(longest IS NULL, s.2, least(s.2, assumeNotNull(longest)))), pieces))) AS clip,
    arrayMap(r -> (clip(r.1, known), r.2, r.3), groupArrayIf((report, told, paired_all), notEmpty(report))) AS believed,
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
        believed, again) AS own
SELECT
    course_id,
    video_id,
    student_id,
    known AS duration,
    arrayConcat(arrayFlatten(own), clip(groupArrayArrayIf(paired_all, empty(report)), known)) AS segments
FROM
(
    SELECT
        course_id, video_id, student_id,
        argMaxIf(
            (reported, (assumeNotNull(reported_at), UUIDToNum(assumeNotNull(reported_by)))),
            (reported_micros, assumeNotNull(reported_at), UUIDToNum(assumeNotNull(reported_by))),
            notEmpty(reported)) AS best,
        best.1 AS report,
        best.2 AS told,
        groupArrayArray(paired) AS paired_all
    FROM video_watch FINAL
    WHERE course_id IN {courses:Array(String)}
        AND (empty({students:Array(UUID)}) OR student_id IN {students:Array(UUID)})
        AND day < {end:Date}
    GROUP BY course_id, video_id, student_id, session_id
) AS sessions
LEFT JOIN
(
    SELECT course_id, video_id, duration AS length FROM video_lengths WHERE course_id IN {courses:Array(String)}
) AS lengths USING (course_id, video_id)
GROUP BY course_id, video_id, student_id
HAVING notEmpty(segments);
