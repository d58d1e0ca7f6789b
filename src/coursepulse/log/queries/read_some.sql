-- A handful of blocks in order, up to a position.
SELECT position, body FROM blocks WHERE position > :after AND position <= :up_to ORDER BY position LIMIT :some
