-- The work tables of processes.

-- name: old_work_tables
-- Work tables that were made so long ago.
SELECT name FROM system.tables
WHERE database = currentDatabase() AND engine = 'Memory' AND match(name, {pattern:String})
    AND metadata_modification_time < now() - toIntervalSecond({seconds:Int64})
ORDER BY name

-- name: drop_work_table
-- Drops a work table of a process that is gone.
DROP TABLE IF EXISTS {table:Identifier} SYNC
