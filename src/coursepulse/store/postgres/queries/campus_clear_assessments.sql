-- Empties the assessments of some courses, to be written anew in the same transaction.
DELETE FROM assessments WHERE course_id = ANY(%(courses)s)
