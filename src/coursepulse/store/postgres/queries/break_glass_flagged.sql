-- How many opened records no administrator has looked into.
SELECT count(*) FROM break_glass WHERE acknowledged_at IS NULL
