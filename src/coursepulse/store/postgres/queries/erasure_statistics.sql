-- Draws the planner's samples of a table anew: they quote values.
ANALYZE {table}
