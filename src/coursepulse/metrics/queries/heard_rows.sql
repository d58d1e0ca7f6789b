-- In which of some courses enough is heard of those who are in them: visits or lessons, not only what they handed in.
SELECT course_id, avg(arrayExists(past -> past.day < {end:Date} AND past.learned AND past.visits > 0, days)
        OR arrayExists(l -> l.started_on < {end:Date} OR l.completed_on < {end:Date}, lessons)) AS share
FROM learner_courses FINAL
WHERE course_id IN {courses:Array(String)}
    AND (enrolled_at < {end:Date} OR learned_at < {end:Date})
    AND NOT arrayLast(step -> step.day < {end:Date}, steps).gone
    AND student_id NOT IN (SELECT student_id FROM left_out)
GROUP BY course_id
