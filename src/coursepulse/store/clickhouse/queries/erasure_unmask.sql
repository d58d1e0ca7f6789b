-- Writes the parts of a table anew without the rows that are only marked as deleted.
ALTER TABLE {table:Identifier} APPLY DELETED MASK
