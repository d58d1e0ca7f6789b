-- Names of the migrations that this database has.
SELECT name FROM schema_migrations
