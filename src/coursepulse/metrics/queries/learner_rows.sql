-- Everybody who ever enrolled or learned in some courses, or only some students of them.
SELECT
    course_id, student_id, enrolled_at, joined_at, gone, declared_complete,
    time_to_date, time_spent, sessions, days_active, last_activity_at,
    completion_pct, watched_pct, lessons_completed, total_lessons, rhythm, handed_in, scores
FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date})
