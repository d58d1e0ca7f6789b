-- Recording which schema and migrations a database has.

-- name: lock_migrations
-- Let one process migrate at a time; released when the transaction ends. The number spells "migrate" in ASCII.
SELECT pg_advisory_xact_lock(30797968379991141)

-- name: create_schema_migrations
-- The record of applied migrations.
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)

-- name: record_migration
-- Record that a migration has been applied.
INSERT INTO schema_migrations (name) VALUES (%(name)s)

-- name: grant_service
-- Grant the service its rights on new tables.
SELECT grant_service()

-- name: find_migrations_table
-- One row if the table of migrations exists.
SELECT 1 AS found WHERE to_regclass('schema_migrations') IS NOT NULL

-- name: list_migrations
-- Names of the migrations that this database has.
SELECT name FROM schema_migrations
