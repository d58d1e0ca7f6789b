-- New events go straight into the partition of their day: a COPY through the parent is refused where rows are guarded.

-- The service may add rows to a partition, which it may through the parent too, and do nothing else with it.
CREATE OR REPLACE FUNCTION create_day_partitions(days date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
        EXECUTE format('GRANT INSERT ON %I TO coursepulse_service', day_partition(day));
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'student_activity_events'::regclass LOOP
        EXECUTE format('GRANT INSERT ON %s TO coursepulse_service', partition);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION grant_service() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    GRANT USAGE ON SCHEMA public TO coursepulse_app, coursepulse_service;
    FOR name IN
        SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
          AND relname NOT IN ('audit_trail', 'schema_migrations')
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO coursepulse_service', name);
    END LOOP;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO coursepulse_service;
    GRANT SELECT, INSERT ON audit_trail TO coursepulse_service;
    GRANT SELECT ON schema_migrations TO coursepulse_service;
END
$$;

DROP TABLE staging_events;
