-- The rows of a table about one student.
SELECT * FROM {table:Identifier} FINAL WHERE student_id = {student:UUID}
