-- The days that have course days, with raw events or without.
SELECT DISTINCT day FROM active_days
