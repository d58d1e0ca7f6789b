-- The event log in SQLite.

-- name: schema
-- The tables of the log; the counters live apart from the blocks, so that pruning never turns them back.
CREATE TABLE IF NOT EXISTS blocks (
    position    INTEGER PRIMARY KEY,
    appended_at INTEGER NOT NULL,  -- microseconds since 1970 UTC
    events      INTEGER NOT NULL,
    total       INTEGER NOT NULL,  -- events ever appended, up to and including this block
    body        BLOB    NOT NULL   -- zstd of the packed events
);
CREATE TABLE IF NOT EXISTS newest (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    position INTEGER NOT NULL,
    total    INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS finished (
    consumer TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    total    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS move_newest AFTER INSERT ON blocks BEGIN
    UPDATE newest SET position = NEW.position, total = NEW.total;
END;

-- name: begin_at
-- Give a new log its first position.
INSERT OR IGNORE INTO newest (only, position, total) VALUES (1, :position, 0)

-- name: read_after
-- Blocks beyond a position, in order. The casts read past a value of another kind, which SQLite lets into any column.
SELECT position, CAST(events AS INTEGER), CAST(body AS BLOB) FROM blocks WHERE position > :after ORDER BY position

-- name: finish
-- Remember that a group has finished everything up to a position; an older position changes nothing.
INSERT INTO finished (consumer, position, total)
VALUES (
    :consumer,
    :position,
    coalesce(
        (SELECT total FROM blocks WHERE position <= :position ORDER BY position DESC LIMIT 1),
        (SELECT total - events FROM blocks WHERE position > :position ORDER BY position LIMIT 1),
        (SELECT total FROM newest)
    )
)
ON CONFLICT (consumer) DO UPDATE SET position = excluded.position, total = excluded.total
WHERE excluded.position > finished.position

-- name: find_finished
-- The position that a group has finished.
SELECT position FROM finished WHERE consumer = :consumer

-- name: count_unfinished
-- How many events a group has not finished: one subtraction, whatever the size of the backlog.
SELECT newest.total - coalesce(
    (SELECT total FROM finished WHERE consumer = :consumer),
    (SELECT total - events FROM blocks ORDER BY position LIMIT 1),
    newest.total
)
FROM newest

-- name: replace_body
-- Put other events in the place of a block's; how many were appended stays as it was.
UPDATE blocks SET body = ? WHERE position = ?

-- name: read_some
-- A handful of blocks in order, up to a position. The casts read past a value of another kind, which SQLite lets into any column.
SELECT position, CAST(body AS BLOB) FROM blocks WHERE position > :after AND position <= :up_to ORDER BY position LIMIT :some

-- name: find_newest
-- The position of the newest block and how many events were ever appended.
SELECT position, total FROM newest

-- name: find_prunable
-- The oldest finished blocks that were appended before a moment, a handful at a time.
SELECT position, events FROM blocks
WHERE position <= (SELECT position FROM finished WHERE consumer = :consumer) AND appended_at < :before
ORDER BY position LIMIT :some

-- name: drop_block
-- Drop one block.
DELETE FROM blocks WHERE position = ?

-- name: add_block
-- Add one block behind the newest, by itself a whole transaction; a trigger moves the newest on.
INSERT INTO blocks (position, appended_at, events, total, body)
SELECT position + 1, :now, :events, total + :events, :body FROM newest
RETURNING position
