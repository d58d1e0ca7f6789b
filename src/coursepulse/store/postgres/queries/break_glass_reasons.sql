-- The typed reasons of some openings.
SELECT id, reason FROM break_glass WHERE id = ANY(%(numbers)s)
