-- Who watches each video of a course, how much of it, and what is watched again.
SELECT
    video_id,
    any(seen.duration) AS duration,
    count() AS viewers,
    avgOrNull(seen.watched_pct) AS watched_pct,
    countIf(complete) AS completed,
    100 * sum(repeated) / sum(covered) AS rewatch_pct,
    count(seen.watched_pct) AS with_watched
FROM learner_videos(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date}) AS seen
WHERE student_id NOT IN (SELECT student_id FROM left_out) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY video_id
ORDER BY video_id
