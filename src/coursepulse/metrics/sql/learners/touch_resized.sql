-- Notes the learners of one slice who have played a video whose length has changed.
INSERT INTO touched_learners
SELECT DISTINCT course_id, student_id
FROM learner_watch
WHERE (course_id, video_id) IN (SELECT course_id, video_id FROM resized_videos)
  AND cityHash64(student_id) % {slices:UInt32} = {slice:UInt32}
