-- Takes away the rows of students that are older than a version.
INSERT INTO students (student_id, version, removed)
SELECT student_id, {version:UInt64}, 1 FROM students FINAL WHERE version < {version:UInt64}
