-- Remembers with which lengths the rows have been made.
INSERT INTO sized_videos SELECT course_id, video_id, duration, {cycle:UInt64} FROM resized_videos
