-- The number of the next opening.
SELECT nextval(pg_get_serial_sequence('break_glass', 'id'))
