-- The version above everything in course_videos.
SELECT max(version) + 1 FROM course_videos
