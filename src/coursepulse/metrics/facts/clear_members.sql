-- Forget in which courses some students are, to be written anew in the same transaction.
DELETE FROM course_members WHERE student_id = ANY(%(students)s)
