-- Of some students, who has a profile, of which version, and when it was made.
SELECT student_id, version, updated_at FROM student_analytics_profiles WHERE student_id = ANY(%(students)s)
