-- Forget every letter received before a moment.
DELETE FROM letters WHERE received_at < :before
