-- Takes away the rows of course_assessments that are older than a version.
INSERT INTO course_assessments (course_id, assessment_id, version, removed)
SELECT course_id, assessment_id, {version:UInt64}, 1 FROM course_assessments FINAL WHERE version < {version:UInt64}
