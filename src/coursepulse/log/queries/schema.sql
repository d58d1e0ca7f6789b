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
