-- The engagement of each active learner of a course in the week of the last day.
SELECT UUIDToNum(student_id) AS student_id, band, engagement_score
FROM learner_engagement(course = {course:String}, start = {week:Date}, end = {week_end:Date})
