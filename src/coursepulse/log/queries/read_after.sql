-- Blocks beyond a position, in order.
SELECT position, events, body FROM blocks WHERE position > :after ORDER BY position
