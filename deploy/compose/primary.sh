#!/usr/bin/env bash
# Runs once, when the database is made: the login of the servers, which owns nothing, and the one of the replica.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set login="$LOGIN_PASSWORD" --set replication="$REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE coursepulse_app NOLOGIN;
CREATE ROLE coursepulse_service NOLOGIN;
CREATE ROLE coursepulse_login LOGIN PASSWORD :'login';
GRANT coursepulse_app, coursepulse_service TO coursepulse_login;
CREATE ROLE replication LOGIN REPLICATION PASSWORD :'replication';
SELECT pg_create_physical_replication_slot('replica');
SQL
echo 'host replication replication all scram-sha-256' >> "$PGDATA/pg_hba.conf"
