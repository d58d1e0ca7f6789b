-- Who works on which partition of the log, and who leads.

-- name: leases_patience
-- A worker that is stopped in the middle of its turn does not hold up the others: the database ends its session.
SELECT set_config('idle_in_transaction_session_timeout', '3s', true)

-- name: leases_turn
-- One worker at a time divides the partitions.
SELECT pg_advisory_xact_lock(7203850417)

-- name: leases_add_partitions
-- Every partition of the log has a row.
INSERT INTO log_partitions (partition) SELECT generate_series(0, %(partitions)s - 1) ON CONFLICT DO NOTHING

-- name: leases_appear
-- This worker is alive, and others that have not been for a while are forgotten.
WITH gone AS (DELETE FROM workers WHERE seen_until < now() - interval '1 day' AND name <> %(name)s)
INSERT INTO workers (name, seen_until) VALUES (%(name)s, now() + %(seconds)s * interval '1 second')
ON CONFLICT (name) DO UPDATE SET seen_until = excluded.seen_until

-- name: leases_workers
-- The workers that are alive, in the order in which they are given partitions.
SELECT name FROM workers WHERE seen_until >= now() ORDER BY name

-- name: leases_lately
-- The workers that were alive within the last day and have not left.
SELECT name FROM workers ORDER BY name

-- name: leases_partitions
-- Who has each partition, whether the lease has run out, and how far the worker has come.
SELECT partition, owner, epoch, owner = '' OR leased_until < now() AS free, served
FROM log_partitions
WHERE partition < %(partitions)s
ORDER BY partition

-- name: leases_renew
-- Keeps what is still this worker's, also after the lease ran out and nobody else has taken it.
UPDATE log_partitions SET leased_until = now() + %(seconds)s * interval '1 second'
WHERE owner = %(name)s
RETURNING partition, epoch

-- name: leases_take
-- Takes partitions. The earlier owner, if it still believes in itself, is refused from here on.
UPDATE log_partitions
SET owner = %(name)s, epoch = epoch + 1, leased_until = now() + %(seconds)s * interval '1 second'
WHERE partition = ANY (%(wanted)s)
RETURNING partition, epoch

-- name: leases_give
-- Lets go of partitions.
UPDATE log_partitions SET owner = '', leased_until = '-infinity'
WHERE partition = ANY (%(given)s) AND owner = %(name)s

-- name: leases_leave
-- This worker is no more.
DELETE FROM workers WHERE name = %(name)s

-- name: leases_lead
-- Leads, if this worker does already or nobody does; a row comes back for the leader. A new leader's versions are larger
-- than all before, even those of a database that was lost.
WITH led AS (
    INSERT INTO leader AS known (name, epoch, leased_until)
    VALUES (%(name)s, 1, now() + %(seconds)s * interval '1 second')
    ON CONFLICT (single) DO UPDATE SET
        name = excluded.name,
        epoch = known.epoch + (known.name <> excluded.name)::int,
        leased_until = excluded.leased_until
    WHERE known.name = excluded.name OR known.leased_until < now()
    RETURNING epoch
)
SELECT epoch FROM led

-- name: leases_resign
-- Leads no more.
UPDATE leader SET leased_until = '-infinity' WHERE name = %(name)s

-- name: leases_raise_versions
-- Versions go on above the time in microseconds.
SELECT setval('row_versions', greatest(nextval('row_versions'), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint))

-- name: leases_end_sessions
-- Ends what a worker whose lease has run out may still hold open, such as a transaction that others wait for.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = ANY (%(applications)s) AND datname = current_database() AND pid <> pg_backend_pid()
