-- Stored events by type; of those who do not agree to analytics only what rests on contract.
SELECT event_type, count() AS events, uniqUpTo(100)(student_id) AS people
FROM events FINAL
WHERE at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND ({course:String} = '' OR course_id = {course:String})
    AND (event_type IN {essential:Array(String)} OR student_id NOT IN (SELECT student_id FROM not_agreed FINAL))
    AND student_id NOT IN {apart:Array(UUID)}
GROUP BY event_type
ORDER BY events DESC, event_type
