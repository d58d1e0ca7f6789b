-- Remember that a student is in a course now.
INSERT INTO course_members (student_id, course_id) VALUES (%(student_id)s, %(course_id)s) ON CONFLICT DO NOTHING
