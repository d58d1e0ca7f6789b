-- Each active learner of each ISO week that the period touches, against the others of that week.
SELECT
    week, student_id, engagement_score, band, low, high,
    days_active, time_spent, lessons, videos, quiz_attempts,
    count() OVER () AS total_rows
FROM learner_engagement(course = {course:String}, start = {first_week:Date}, end = {week_end:Date})
ORDER BY
    if({down:Bool}, NULL, {sort:Identifier}) ASC NULLS LAST,
    if({down:Bool}, {sort:Identifier}, NULL) DESC NULLS LAST,
    week, student_id
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
