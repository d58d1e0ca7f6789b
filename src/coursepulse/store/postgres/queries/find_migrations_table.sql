-- One row when migrations were recorded here before.
SELECT 1 AS found WHERE to_regclass('schema_migrations') IS NOT NULL
