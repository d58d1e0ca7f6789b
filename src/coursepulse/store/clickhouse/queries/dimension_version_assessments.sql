-- The version above everything in course_assessments.
SELECT max(version) + 1 FROM course_assessments
