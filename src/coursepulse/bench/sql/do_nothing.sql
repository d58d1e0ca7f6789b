-- The fastest answer that there is.
SELECT 1
