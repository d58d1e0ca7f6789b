-- Forgets the hot part: the next cycle looks everything up again.
TRUNCATE TABLE hot_hours;
TRUNCATE TABLE hot_parts
