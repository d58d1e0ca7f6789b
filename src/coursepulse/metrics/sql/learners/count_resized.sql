-- How many learners have played a video whose length has changed.
SELECT uniqExact(course_id, student_id)
FROM learner_watch
WHERE (course_id, video_id) IN (SELECT course_id, video_id FROM resized_videos)
