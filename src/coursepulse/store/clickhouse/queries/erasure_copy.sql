-- Writes the rows of the student once more, under the replacement.
INSERT INTO {table:Identifier}
SELECT * REPLACE ((SELECT any(replacement) FROM erasing) AS student_id)
FROM (SELECT * FROM {table:Identifier} FINAL WHERE student_id IN (SELECT student_id FROM erasing))
