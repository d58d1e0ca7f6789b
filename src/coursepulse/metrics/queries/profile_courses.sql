-- Each course of some students: when it was joined, whether it was left, and when it was completed.
SELECT student_id, course_id, enrolled_at, gone, completion_pct = 100 AS all_lessons, declared_at, last_lesson_on
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {end:Date}, end = {end:Date})
