-- Make the day partitions that are missing; returns how many.
SELECT create_day_partitions(%(days)s::date[])
