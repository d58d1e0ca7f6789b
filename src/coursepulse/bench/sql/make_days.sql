-- Make the partitions of some days.
SELECT create_day_partitions(%(days)s::date[])
