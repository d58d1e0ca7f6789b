-- The partitions of some days, as far as they exist.
SELECT partition FROM unnest(%(days)s::date[]) AS day, day_partition(day) AS partition
WHERE to_regclass(partition) IS NOT NULL
ORDER BY partition
