-- Names of the migrations that this database has.
SELECT DISTINCT name FROM schema_migrations
