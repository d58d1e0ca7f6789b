-- Withdrawn events.

-- name: withdrawal_events
-- Deletes withdrawn events of these days.
DELETE FROM events WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {events:Array(UUID)}

-- name: withdrawal_copies
-- Deletes the copies of withdrawn events that a table holds row by row.
DELETE FROM {table:Identifier} WHERE event_id IN {events:Array(UUID)}
