-- Every lesson with its place from 0.
SELECT course_id, lesson_id, place - 1 FROM lessons
