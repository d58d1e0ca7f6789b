-- Profiles of students who have taken their agreement back.
DELETE FROM student_analytics_profiles WHERE student_id = ANY(%(students)s)
