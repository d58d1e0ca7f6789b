-- A handful of blocks in order, up to a position. The casts read past a value of another kind, which SQLite lets into any column.
SELECT position, CAST(body AS BLOB) FROM blocks WHERE position > :after AND position <= :up_to ORDER BY position LIMIT :some
