-- Drop the day partitions before a day; returns their names.
SELECT drop_day_partitions(%(first_kept)s)
