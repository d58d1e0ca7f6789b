-- The days that have raw events.
SELECT DISTINCT toDate(at) FROM events
