-- The position that a group has finished.
SELECT position FROM finished WHERE consumer = :consumer
