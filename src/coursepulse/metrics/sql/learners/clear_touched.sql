-- Empties the work table of the last turn.
TRUNCATE TABLE touched_learners
