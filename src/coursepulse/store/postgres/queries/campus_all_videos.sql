-- Every video whose duration is known.
SELECT course_id, video_id, lesson_id, duration_s FROM videos WHERE duration_s IS NOT NULL
