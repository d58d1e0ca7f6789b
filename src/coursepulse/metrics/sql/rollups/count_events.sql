-- How many raw events one day has.
SELECT count() FROM events WHERE toDate(at) = {day:Date}
