-- The dead-letter queue.

-- name: schema
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
-- How many dead letters of a sender went because there were too many.
CREATE TABLE IF NOT EXISTS overflows (
    source  TEXT    PRIMARY KEY,
    letters INTEGER NOT NULL
);
DROP TABLE IF EXISTS overflow;

-- name: add_dead_letter
-- Keep one refused event, unless the same one of the same sender waits already: sending it again changes nothing.
INSERT INTO letters (received_at, source, reason, event_id, path, sentence, body)
SELECT :received_at, :source, :reason, :event_id, :path, :sentence, :body
WHERE :event_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM letters
    WHERE source = :source AND event_id = :event_id AND body = :body AND replayed_at IS NULL
)

-- name: drop_overflow
-- Drop the oldest dead letters of a sender beyond the number that is kept of each.
DELETE FROM letters WHERE source = :source AND id <= (
    SELECT id FROM letters WHERE source = :source ORDER BY id DESC LIMIT 1 OFFSET :most
)

-- name: count_overflow
-- Count the dead letters of a sender that went because there were too many.
INSERT INTO overflows (source, letters) VALUES (:source, :overflow)
ON CONFLICT (source) DO UPDATE SET letters = letters + :overflow

-- name: find_overflow
-- How many dead letters of one sender or of all ever went because there were too many.
SELECT coalesce(sum(letters), 0) FROM overflows WHERE :source IS NULL OR source = :source

-- name: newest_dead_letters
-- Dead letters that wait, newest first, of one reason or of all, and of one sender or of all.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE replayed_at IS NULL AND (:reason IS NULL OR reason = :reason) AND (:source IS NULL OR source = :source)
ORDER BY id DESC LIMIT :limit

-- name: pick_dead_letters
-- The dead letters of a JSON array of ids that still wait, oldest first, of one sender or of all.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE replayed_at IS NULL AND id IN (SELECT value FROM json_each(:ids)) AND (:source IS NULL OR source = :source)
ORDER BY id

-- name: fix_dead_letter
-- Put a mended event in the place of a refused one, of one sender or of anybody.
UPDATE letters SET body = :body WHERE id = :id AND replayed_at IS NULL AND (:source IS NULL OR source = :source)

-- name: judge_dead_letter
-- Remember why a dead letter was refused again.
UPDATE letters SET reason = ?, event_id = ?, path = ?, sentence = ? WHERE id = ?

-- name: resolve_dead_letter
-- A dead letter was replayed; its body is in the log now and is not needed here, nor is what else quotes it.
UPDATE letters SET replayed_at = ?, body = x'', event_id = NULL, path = '$', sentence = '' WHERE id = ?

-- name: drop_dead_letter
-- Forget one dead letter.
DELETE FROM letters WHERE id = ?

-- name: purge_dead_letters
-- Forget every dead letter received before a moment.
DELETE FROM letters WHERE received_at < :before

-- name: read_all_dead_letters
-- A handful of dead letters, oldest first, also of those that were replayed.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE id > :after
ORDER BY id LIMIT :some

-- name: read_dead_letters
-- A handful of dead letters that wait, oldest first.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM letters
WHERE replayed_at IS NULL AND id > :after
ORDER BY id LIMIT :some

-- name: count_arrivals
-- How many dead letters came in each minute since 1970, of those after one of them, and the last of each minute.
SELECT received_at / 60000000 AS minute, count(*), max(id) FROM letters WHERE id > ? GROUP BY minute ORDER BY minute

-- name: count_waiting
-- How many dead letters of one sender or of all wait, by reason.
SELECT reason, count(*) FROM letters
WHERE replayed_at IS NULL AND (:source IS NULL OR source = :source)
GROUP BY reason
