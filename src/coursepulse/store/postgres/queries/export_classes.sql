-- The classes that a student is in, as far as events say.
SELECT course_id FROM course_members WHERE student_id = %(student)s ORDER BY course_id
