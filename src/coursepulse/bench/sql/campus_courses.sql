-- The courses of the campus.
INSERT INTO courses (course_id, title) SELECT 'course-' || n, 'Course ' || n FROM generate_series(0, 199) AS n
ON CONFLICT DO NOTHING
