-- Forget one letter.
DELETE FROM letters WHERE id = ?
