-- Empties the work tables of the last turn.
TRUNCATE TABLE touched_learners;
TRUNCATE TABLE touched_watch
