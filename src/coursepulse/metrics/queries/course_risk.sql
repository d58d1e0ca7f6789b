-- Every learner in the course by engagement and performance, with the bucket of the risk rule.
SELECT
    student_id,
    if(week.band = '', NULL, week.engagement_score) AS engagement_score,
    score_pct, completion_pct, watched_pct, risk_score, bucket, reasons, days_silent, missed,
    count() OVER () AS total_rows
FROM learner_risk(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {tomorrow:Date}, now = {now:DateTime64(6, 'UTC')}) AS risk
LEFT JOIN learner_engagement(course = {course:String}, start = {week:Date}, end = {week_end:Date}) AS week
    USING (student_id)
ORDER BY
    if({down:Bool}, NULL, {sort:Identifier}) ASC NULLS LAST,
    if({down:Bool}, {sort:Identifier}, NULL) DESC NULLS LAST,
    student_id
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
