-- Everybody of the campus on the roster.
INSERT INTO people (student_id, external_id, name, email)
SELECT md5('student-' || n)::uuid, 'student-' || n, 'Student ' || n, 'student-' || n || '@campus.example'
FROM generate_series(0, %(students)s - 1) AS n
