-- How much room the tables take.

-- name: size_on_disk
-- Bytes of all parts in use.
SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase()
