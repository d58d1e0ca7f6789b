-- Everybody is enrolled where they learn.
INSERT INTO enrolments (course_id, student_id, status)
SELECT 'course-' || n %% 200, md5('student-' || n)::uuid, 'active' FROM generate_series(0, %(students)s - 1) AS n
