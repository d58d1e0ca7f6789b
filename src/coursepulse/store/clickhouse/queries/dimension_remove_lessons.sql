-- Takes away the rows of course_lessons that are older than a version.
INSERT INTO course_lessons (course_id, lesson_id, version, removed)
SELECT course_id, lesson_id, {version:UInt64}, 1 FROM course_lessons FINAL WHERE version < {version:UInt64}
