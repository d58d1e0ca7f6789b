-- Writes every part that has rows of the student anew, without them.
ALTER TABLE {table:Identifier} DELETE WHERE student_id IN (SELECT student_id FROM erasing)
