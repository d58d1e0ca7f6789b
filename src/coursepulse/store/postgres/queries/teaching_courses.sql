-- The courses that a person teaches.
SELECT teaching.course_id
FROM teaching
JOIN people ON people.external_id = teaching.instructor_external_id
WHERE people.student_id = %(student_id)s
