-- Viewers of each five seconds of a video; a bucket is viewed when a segment overlaps it by more than nothing.
WITH
    pieces AS
    (
        SELECT
            student_id,
            duration,
            arraySort(arrayConcat(arrayMap(s -> (s.1, 1), segments), arrayMap(s -> (s.2, -1), segments))) AS edges,
            arrayCumSum(edges.2) AS depths,
            arrayZip(arrayPopBack(edges.1), arrayPopFront(edges.1), arrayPopBack(depths)) AS stretches,
            arrayFilter(piece -> piece.3 >= 1 AND piece.2 > piece.1, stretches) AS once,
            arrayFilter(piece -> piece.3 >= 2 AND piece.2 > piece.1, stretches) AS twice
        FROM learner_segments(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
        WHERE video_id = {video:String} AND student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
    ),
    counted AS
    (
        SELECT bucket, count() AS viewers, countIf(has(again, bucket)) AS rewatchers
        FROM
        (
            SELECT
                arrayDistinct(arrayFlatten(arrayMap(p -> range(toUInt64(floor(p.1 / 5)), toUInt64(ceil(p.2 / 5))), once))) AS seen,
                arrayDistinct(arrayFlatten(arrayMap(p -> range(toUInt64(floor(p.1 / 5)), toUInt64(ceil(p.2 / 5))), twice))) AS again
            FROM pieces
        )
        ARRAY JOIN seen AS bucket
        GROUP BY bucket
    ),
    (
        -- up to the duration, or to the last viewed when that is unknown; none when nobody saw anything
        SELECT if(count() = 0, 0, toUInt64(ceil(coalesce(max(duration) / 5, (SELECT max(bucket) + 1 FROM counted)))))
        FROM pieces
    ) AS buckets,
    (SELECT max(viewers) FROM counted WHERE bucket = 0) AS first
SELECT
    5 * number AS second,
    counted.viewers AS viewers,
    if(first = 0, NULL, 100 * counted.viewers / first) AS remaining_pct,
    counted.rewatchers AS rewatchers,
    first AS first_viewers
FROM numbers(assumeNotNull(buckets)) AS steps
LEFT JOIN counted ON counted.bucket = steps.number
ORDER BY second
