-- Deletes the profile of a student.
DELETE FROM student_analytics_profiles WHERE student_id = %(student)s
