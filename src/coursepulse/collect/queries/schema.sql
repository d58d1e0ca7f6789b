-- The tables of the dead letters.
CREATE TABLE IF NOT EXISTS letters (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,  -- microseconds since 1970 UTC
    source      TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    event_id    TEXT,
    path        TEXT    NOT NULL,
    sentence    TEXT    NOT NULL,
    body        BLOB    NOT NULL,
    replayed_at INTEGER
);
CREATE INDEX IF NOT EXISTS waiting_letters ON letters (reason, id) WHERE replayed_at IS NULL;
CREATE INDEX IF NOT EXISTS letters_by_source ON letters (source, id);
CREATE INDEX IF NOT EXISTS letters_by_event ON letters (source, event_id) WHERE replayed_at IS NULL;
CREATE TABLE IF NOT EXISTS overflow (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    letters INTEGER NOT NULL
);
INSERT OR IGNORE INTO overflow (only, letters) VALUES (1, 0);
