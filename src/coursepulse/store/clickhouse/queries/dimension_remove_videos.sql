-- Takes away the rows of course_videos that are older than a version.
INSERT INTO course_videos (course_id, video_id, version, removed)
SELECT course_id, video_id, {version:UInt64}, 1 FROM course_videos FINAL WHERE version < {version:UInt64}
