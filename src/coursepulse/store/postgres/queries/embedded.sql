-- Making the database of the bundled server.

-- name: find_database
-- One row when the database exists.
SELECT 1 AS found FROM pg_database WHERE datname = %(name)s

-- name: create_database
-- Make the one database of the bundled server; its encoding and locale are those of the cluster.
CREATE DATABASE coursepulse
