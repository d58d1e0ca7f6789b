-- What a person teaches.
SELECT course_id, starts_on, ends_on FROM teaching WHERE teacher_id = %(student)s ORDER BY course_id
