-- Blocks beyond a position, in order. The casts read past a value of another kind, which SQLite lets into any column.
SELECT position, CAST(events AS INTEGER), CAST(body AS BLOB) FROM blocks WHERE position > :after ORDER BY position
