-- Empties the lists of instructors of some courses, to be written anew in the same transaction.
DELETE FROM teaching WHERE course_id = ANY(%(courses)s) AND listed
