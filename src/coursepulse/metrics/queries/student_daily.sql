-- The quarter-hours of each UTC day in which one student learned, with a day to spare on both sides for other zones.
SELECT
    (SELECT max(zone.time_zone) FROM students AS zone FINAL WHERE zone.student_id = {student:UUID}) AS zone,
    day,
    groupUniqArrayArray(quarter_hours) AS quarters
FROM student_days FINAL
WHERE student_id = {student:UUID} AND ({course:String} = '' OR course_id = {course:String})
    AND day >= {start:Date} - 1 AND day <= {end:Date} AND notEmpty(quarter_hours)
GROUP BY day
ORDER BY day
