-- Drop the partitions of some days; returns how many there were.
SELECT drop_day_partitions(%(days)s)
