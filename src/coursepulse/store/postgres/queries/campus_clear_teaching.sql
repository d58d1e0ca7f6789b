-- Empties the teaching of some courses, to be written anew in the same transaction.
DELETE FROM teaching WHERE course_id = ANY(%(courses)s)
