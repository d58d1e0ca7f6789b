-- Recording which schema and migrations a database has.

-- name: create_schema_migrations
-- The record of applied migrations.
CREATE TABLE IF NOT EXISTS schema_migrations (
    name String,
    applied_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree ORDER BY name

-- name: list_migrations
-- Names of the migrations that this database has.
SELECT DISTINCT name FROM schema_migrations

-- name: record_migration
-- Record that a migration has been applied.
INSERT INTO schema_migrations (name) SELECT {name:String}
