-- Deletes the copies of withdrawn events that a table holds row by row.
DELETE FROM {table:Identifier} WHERE event_id IN {events:Array(UUID)}
