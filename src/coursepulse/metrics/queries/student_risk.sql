-- The risk rule for one student in each course that the student is in.
SELECT course_id, risk_score, bucket, reasons, completion_pct, score_pct, watched_pct, days_silent, missed
FROM learner_risk(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {tomorrow:Date}, now = {now:DateTime64(6, 'UTC')})
ORDER BY risk_score DESC, course_id
