-- The oldest finished blocks that were appended before a moment, a handful at a time.
SELECT position, events FROM blocks
WHERE position <= (SELECT position FROM finished WHERE consumer = :consumer) AND appended_at < :before
ORDER BY position LIMIT :some
