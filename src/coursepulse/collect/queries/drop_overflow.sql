-- Drop the oldest letters beyond the number that is kept; ids are never used twice, so they tell the age.
DELETE FROM letters WHERE id <= (SELECT max(id) FROM letters) - :most
