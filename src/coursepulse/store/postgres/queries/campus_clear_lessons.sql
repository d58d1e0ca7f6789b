-- Empties the lessons of some courses, to be written anew in the same transaction.
DELETE FROM lessons WHERE course_id = ANY(%(courses)s)
