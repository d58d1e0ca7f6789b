-- How many rows of a table are about the student.
SELECT count() FROM {table:Identifier} FINAL WHERE student_id IN (SELECT student_id FROM erasing)
