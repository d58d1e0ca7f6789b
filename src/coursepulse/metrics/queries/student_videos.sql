-- What one student really played of each video.
SELECT
    course_id, video_id, duration, covered, watched_pct, complete,
    100 * repeated / covered AS rewatch_pct
FROM learner_videos(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})
ORDER BY course_id, video_id
