-- Making and dropping the day partitions of student_activity_events.

-- The partition of 2026-11-22 is student_activity_events_20261122.
CREATE FUNCTION day_partition(day date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'student_activity_events_' || to_char(day, 'YYYYMMDD')
$$;

-- Makes the missing partitions of `days`; returns how many.
-- A table is made beside and then attached, because CREATE … PARTITION OF would lock out every reader (ACCESS
-- EXCLUSIVE on the parent) where ATTACH does not (SHARE UPDATE EXCLUSIVE). Taking that lock first makes two writers
-- that miss the same day wait for each other. An advisory lock would not do: only locking a relation makes this
-- backend notice what others have done to the catalog meanwhile.
CREATE FUNCTION create_day_partitions(days date[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    day date;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(days) AS d WHERE to_regclass(day_partition(d)) IS NULL) THEN
        RETURN 0;
    END IF;
    LOCK TABLE student_activity_events IN SHARE UPDATE EXCLUSIVE MODE;
    FOREACH day IN ARRAY days LOOP
        CONTINUE WHEN to_regclass(day_partition(day)) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE %I (LIKE student_activity_events INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)',
            day_partition(day)
        );
        EXECUTE format(
            'ALTER TABLE student_activity_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            day_partition(day), day, day + 1
        );
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

-- The days before `day` of which nothing was received since: an import of old events is kept as long as new ones are.
CREATE FUNCTION expired_days(day date) RETURNS SETOF date LANGUAGE plpgsql AS $$
DECLARE
    partition text;
    latest timestamptz;
BEGIN
    FOR partition IN
        SELECT inhrelid::regclass::text
        FROM pg_inherits
        WHERE inhparent = 'student_activity_events'::regclass AND inhrelid::regclass::text < day_partition(day)
        ORDER BY 1
    LOOP
        EXECUTE format('SELECT max(received_at) FROM %I', partition) INTO latest;
        IF latest IS NULL OR latest < day::timestamp AT TIME ZONE 'UTC' THEN
            RETURN NEXT to_date(right(partition, 8), 'YYYYMMDD');
        END IF;
    END LOOP;
END
$$;

-- Drops the partitions of `days`; returns how many there were.
CREATE FUNCTION drop_day_partitions(days date[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    day date;
    dropped integer := 0;
BEGIN
    FOREACH day IN ARRAY days LOOP
        CONTINUE WHEN to_regclass(day_partition(day)) IS NULL;
        EXECUTE format('DROP TABLE %I', day_partition(day));
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
