-- The version above everything in course_lessons.
SELECT max(version) + 1 FROM course_lessons
