-- Where the roster says that a student is enrolled.
SELECT course_id, status, starts_on, ends_on FROM enrolments WHERE student_id = %(student)s ORDER BY course_id
