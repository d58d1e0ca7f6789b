-- The dead letters of all servers.

-- name: letters_turn
-- One server at a time takes dead letters over, or forgets some: ids become visible in their order, and what is forgotten
-- cannot come back from a file.
SELECT pg_advisory_xact_lock(7203850418)

-- name: letters_take
-- Takes one over from the file of a server, unless it was taken before, the same one waits already, or a student in it has
-- been erased since.
INSERT INTO dead_letters (received_at, source, reason, event_id, path, sentence, body, spool, spooled)
SELECT
    %(received_at)s, %(source)s, %(reason)s, %(event_id)s, %(path)s, %(sentence)s, %(body)s, %(spool)s, %(spooled)s
WHERE NOT EXISTS (
    SELECT FROM dead_letters
    WHERE source = %(source)s AND event_id = %(event_id)s AND body = %(body)s AND replayed_at IS NULL
) AND NOT EXISTS (
    SELECT FROM erased_students WHERE tombstone = ANY (%(tombstones)s) AND erased_at >= %(received_at)s
)
ON CONFLICT DO NOTHING

-- name: letters_drop_overflow
-- Drops the oldest dead letters of a sender beyond the number that is kept of each, and counts them.
WITH gone AS (
    DELETE FROM dead_letters WHERE source = %(source)s AND id <= (
        SELECT id FROM dead_letters WHERE source = %(source)s ORDER BY id DESC LIMIT 1 OFFSET %(most)s
    )
    RETURNING id
)
INSERT INTO dead_letter_overflows AS known (source, letters)
SELECT %(source)s, count(*) FROM gone HAVING count(*) > 0
ON CONFLICT (source) DO UPDATE SET letters = known.letters + excluded.letters

-- name: letters_overflow
-- How many dead letters of one sender or of all ever went because there were too many.
SELECT coalesce(sum(letters), 0) FROM dead_letter_overflows
WHERE %(source)s::text IS NULL OR source = %(source)s

-- name: letters_newest
-- Dead letters that wait, newest first, of one reason or of all, and of one sender or of all.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM dead_letters
WHERE replayed_at IS NULL
    AND (%(reason)s::text IS NULL OR reason = %(reason)s) AND (%(source)s::text IS NULL OR source = %(source)s)
ORDER BY id DESC LIMIT %(limit)s

-- name: letters_pick
-- The dead letters with these ids that still wait, oldest first, of one sender or of all.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM dead_letters
WHERE replayed_at IS NULL AND id = ANY (%(ids)s) AND (%(source)s::text IS NULL OR source = %(source)s)
ORDER BY id

-- name: letters_fix
-- Puts a mended event in the place of a refused one, of one sender or of anybody.
UPDATE dead_letters SET body = %(body)s
WHERE id = %(id)s AND replayed_at IS NULL AND (%(source)s::text IS NULL OR source = %(source)s)

-- name: letters_judge
-- Remembers why a dead letter was refused again.
UPDATE dead_letters SET reason = %(reason)s, event_id = %(event_id)s, path = %(path)s, sentence = %(sentence)s
WHERE id = %(id)s

-- name: letters_resolve
-- Dead letters were replayed; their bodies are in the log now and are not needed here, nor is what else quotes them.
UPDATE dead_letters SET replayed_at = %(at)s, body = '', event_id = NULL, path = '$', sentence = ''
WHERE id = ANY (%(ids)s)

-- name: letters_drop
-- Forgets dead letters.
DELETE FROM dead_letters WHERE id = ANY (%(ids)s)

-- name: letters_purge
-- Forgets every dead letter received before a moment.
DELETE FROM dead_letters WHERE received_at < %(before)s

-- name: letters_all
-- A handful of dead letters, oldest first, also of those that were replayed.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM dead_letters
WHERE id > %(after)s
ORDER BY id LIMIT %(some)s

-- name: letters_that_wait
-- A handful of dead letters that wait, oldest first.
SELECT id, received_at, source, reason, event_id, path, sentence, body FROM dead_letters
WHERE replayed_at IS NULL AND id > %(after)s
ORDER BY id LIMIT %(some)s

-- name: letters_arrivals
-- How many dead letters came in each minute, of those after one of them, and the last of each minute.
SELECT date_trunc('minute', received_at, 'UTC') AS minute, count(*), max(id) FROM dead_letters WHERE id > %(after)s
GROUP BY minute ORDER BY minute

-- name: letters_waiting
-- How many dead letters of one sender or of all wait, by reason.
SELECT reason, count(*) FROM dead_letters
WHERE replayed_at IS NULL AND (%(source)s::text IS NULL OR source = %(source)s)
GROUP BY reason
