#!/usr/bin/env bash
# Copies the primary at the first start, then follows it.
set -euo pipefail
data=/var/lib/postgresql/data
if [[ ! -e "$data/standby.signal" ]]; then
  rm -rf "${data:?}"/*
  chmod 0700 "$data"
  pg_basebackup --pgdata="$data" --dbname='host=postgres user=replication' --write-recovery-conf --slot=replica \
    --wal-method=stream --checkpoint=fast
fi
exec postgres -D "$data" -c hot_standby=on -c max_connections=200 -c max_locks_per_transaction=256
