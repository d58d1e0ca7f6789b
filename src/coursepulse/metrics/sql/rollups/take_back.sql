-- Removes events by their ids, and what was copied of them when they came.
DELETE FROM events WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {ids:Array(UUID)};

DELETE FROM quiz_answers WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {ids:Array(UUID)};

DELETE FROM enrolments WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {ids:Array(UUID)}
