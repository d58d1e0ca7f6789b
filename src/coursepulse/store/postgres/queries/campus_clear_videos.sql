-- Empties the videos of some courses, to be written anew in the same transaction.
DELETE FROM videos WHERE course_id = ANY(%(courses)s)
