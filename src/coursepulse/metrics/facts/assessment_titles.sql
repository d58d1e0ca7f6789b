-- Titles of the assessments of some courses.
SELECT course_id, assessment_id, title FROM assessments WHERE course_id = ANY(%(courses)s)
