-- How many course days there are: what a pass over all learners reads.
SELECT count() FROM student_course_days
