-- Stored events by type.
SELECT event_type, count() AS events, uniqUpTo(100)(student_id) AS people
FROM events FINAL
WHERE at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
    AND ({course:String} = '' OR course_id = {course:String})
GROUP BY event_type
ORDER BY events DESC, event_type
