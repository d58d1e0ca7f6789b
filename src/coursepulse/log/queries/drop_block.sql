-- Drop one block.
DELETE FROM blocks WHERE position = ?
