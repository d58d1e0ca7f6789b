-- A student's own data, table by table.

-- name: export_rows
-- The rows of a table about one student.
SELECT * FROM {table:Identifier} FINAL WHERE student_id = {student:UUID}
