-- Begin a batch: empty the staging table, which also makes concurrent writers take turns.
TRUNCATE staging_events
