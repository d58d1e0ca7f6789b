-- Each active learner of each ISO week that the period touches, against the others of that week.
SELECT
    week, student_id, engagement_score, band, low, high,
    days_active, time_spent, lessons, videos, quiz_attempts
FROM learner_engagement(course = {course:String}, start = {first_week:Date}, end = {week_end:Date})
ORDER BY week, student_id
