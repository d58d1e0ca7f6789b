-- Empties a work table before it is filled.
TRUNCATE TABLE {table:Identifier}
