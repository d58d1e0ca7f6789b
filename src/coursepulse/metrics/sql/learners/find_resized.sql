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
