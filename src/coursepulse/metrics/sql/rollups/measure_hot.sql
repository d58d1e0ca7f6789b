-- How many bytes the hot part takes.
SELECT sum(total_bytes) FROM system.tables
WHERE database = currentDatabase() AND name IN ('hot_hours', 'hot_parts')
