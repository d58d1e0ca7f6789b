-- Creating the database of the bundled server.

-- name: find_database
-- One row if the database exists.
SELECT 1 AS found FROM pg_database WHERE datname = %(name)s

-- name: create_database
-- Create the database of the bundled server, with the encoding and locale of the cluster.
CREATE DATABASE coursepulse
