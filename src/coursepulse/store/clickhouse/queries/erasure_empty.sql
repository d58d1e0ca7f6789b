-- Empties a table that lives in memory.
TRUNCATE TABLE {table:Identifier}
