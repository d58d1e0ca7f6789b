-- The number of the newest decision, 0 without any.
SELECT coalesce(max(seq), 0) FROM consents
