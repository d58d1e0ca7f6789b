-- Empties the staging table: between two batches nothing in it is needed.
TRUNCATE staging_events
