-- Of some students, who has a profile, and of which version.
SELECT student_id, version FROM student_analytics_profiles WHERE student_id = ANY(%(students)s)
