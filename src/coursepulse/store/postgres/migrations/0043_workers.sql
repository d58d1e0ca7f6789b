-- Several workers share the partitions of the log; one process leads what concerns the whole platform.

-- Versions of rows, over all workers: a row computed later has a larger one. It begins with the time in microseconds,
-- which is more than any position of the log, and more than what a lost database had given out.
CREATE SEQUENCE row_versions;
SELECT setval('row_versions', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);

-- Who reads a partition of the log, until when, and how far it has come. Taking it raises the epoch, and nothing is
-- written for a partition under an earlier one.
CREATE TABLE log_partitions (
    partition integer PRIMARY KEY CHECK (partition BETWEEN 0 AND 63),
    owner text NOT NULL DEFAULT '',                       -- the name of a worker; empty when it is free
    epoch bigint NOT NULL DEFAULT 0,
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    stored bigint NOT NULL DEFAULT 0,                     -- positions: how far the raw events are here,
    served bigint NOT NULL DEFAULT 0                      -- and how far the numbers are made
);

INSERT INTO log_partitions (partition, stored, served)
SELECT 0, position, position FROM pipeline_positions WHERE name = 'served';

-- Processes that want partitions, and who leads.
CREATE TABLE workers (
    name text PRIMARY KEY,
    seen_until timestamptz NOT NULL
);

CREATE TABLE leader (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    name text NOT NULL,
    epoch bigint NOT NULL,
    leased_until timestamptz NOT NULL
);

-- What batches have changed, for the leader that makes the rollups of learners, and for servers that tell open pages.
CREATE TABLE changed_keys (
    number bigint PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('served', 'followed', 'erased', 'renewed')),
    latest_event_at timestamptz,
    noted_at timestamptz NOT NULL,
    learners bytea NOT NULL,                              -- by course, the pseudonyms one after the other (MessagePack)
    days date[] NOT NULL
);
CREATE INDEX changed_keys_by_time ON changed_keys USING brin (noted_at);
