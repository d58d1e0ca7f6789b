-- Make the day partitions that are missing; returns how many, and the names of all in the order of the days.
SELECT
    create_day_partitions(%(days)s::date[]),
    ARRAY(SELECT day_partition(day) FROM unnest(%(days)s::date[]) WITH ORDINALITY AS d (day, place) ORDER BY place)
