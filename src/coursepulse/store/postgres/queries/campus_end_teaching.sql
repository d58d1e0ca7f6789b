-- Ends, with the day before, the teaching that came from a source, holds today, and is not named by its latest delivery.
UPDATE teaching
SET ends_on = %(today)s - 1,
    starts_on = CASE WHEN starts_on < %(today)s THEN starts_on END
WHERE source = %(source)s
    AND delivery IS DISTINCT FROM %(delivery)s
    AND coalesce(ends_on, 'infinity') >= %(today)s
