-- Members of courses without a profile, after a rebuild: of them nothing is known any more.
DELETE FROM course_members WHERE student_id NOT IN (SELECT student_id FROM student_analytics_profiles)
