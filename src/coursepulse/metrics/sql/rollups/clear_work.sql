-- Empties the work tables of the last cycle.
TRUNCATE TABLE touched_hours;
TRUNCATE TABLE session_hours;
TRUNCATE TABLE session_events;
TRUNCATE TABLE touched_days
