-- Titles of the videos of some courses.
SELECT course_id, video_id, title FROM videos WHERE course_id = ANY(%(courses)s)
