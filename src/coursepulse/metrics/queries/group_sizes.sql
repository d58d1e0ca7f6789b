-- How many people each course has, and in the row without a course all of them, up to a number at which it is all one.
SELECT course_id, uniqUpTo(100)(student_id) AS unseen
FROM learner_courses
WHERE ({course:String} = '' OR course_id = {course:String})
    AND student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}
GROUP BY course_id
UNION ALL
SELECT '' AS course_id, uniqUpTo(100)(student_id) AS unseen
FROM learner_courses
WHERE student_id NOT IN (SELECT student_id FROM no_learners) AND student_id NOT IN {apart:Array(UUID)}
