-- Who has left a course by what happened there.
SELECT student_id
FROM learner_courses FINAL
WHERE course_id = {course:String} AND arrayLast((gone, day) -> day < {end:Date}, steps.gone, steps.day)
