-- Merges every part of a table, as a night at rest would.
OPTIMIZE TABLE {table:Identifier} FINAL
