-- The profile of a student.
SELECT * FROM student_analytics_profiles WHERE student_id = %(student)s
