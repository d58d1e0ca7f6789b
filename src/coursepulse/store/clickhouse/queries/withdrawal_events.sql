-- Deletes withdrawn events of these days.
DELETE FROM events WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {events:Array(UUID)}
