-- Bytes on disk per row of the raw events.
SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts
WHERE active AND database = currentDatabase() AND table = 'events'
