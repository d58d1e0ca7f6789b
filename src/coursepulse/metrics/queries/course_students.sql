-- One row per learner who is in the course; risk as of now, engagement in the week of the last day.
SELECT
    student_id,
    class.enrolled_at AS enrolled_at,
    class.completion_pct AS completion_pct,
    class.time_spent AS time_spent,
    class.sessions AS sessions,
    class.days_active AS days_active,
    risk.watched_pct AS watched_pct,
    risk.score_pct AS score_pct,
    class.last_activity_at AS last_activity_at,
    nullIf(week.band, '') AS engagement,
    if(week.band = '', NULL, week.engagement_score) AS engagement_score,
    nullIf(risk.bucket, '') AS bucket,
    risk.risk_score AS risk_score,
    count() OVER () AS total_rows
FROM
(
    SELECT * FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date})
    WHERE NOT gone
) AS class
LEFT JOIN learner_risk(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {tomorrow:Date}, now = {now:DateTime64(6, 'UTC')}) AS risk
    USING (student_id)
LEFT JOIN learner_engagement(course = {course:String}, start = {week:Date}, end = {week_end:Date}) AS week
    USING (student_id)
ORDER BY
    if({down:Bool}, NULL, {sort:Identifier}) ASC NULLS LAST,
    if({down:Bool}, {sort:Identifier}, NULL) DESC NULLS LAST,
    student_id
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
