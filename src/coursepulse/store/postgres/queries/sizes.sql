-- How much room each store takes.

-- name: sizes_note
-- Remember the sizes of a day, that of this database among them.
INSERT INTO store_sizes (day, store, bytes)
SELECT %(day)s, * FROM unnest(%(stores)s::text[], %(sizes)s::bigint[])
UNION ALL
SELECT %(day)s, 'postgresql', pg_database_size(current_database())
ON CONFLICT (store, day) DO UPDATE SET bytes = excluded.bytes

-- name: sizes_grown
-- The latest size of each store, and by how much it has grown over some days.
SELECT latest.store, latest.bytes, latest.bytes - first.bytes, latest.day - first.day
FROM (SELECT DISTINCT ON (store) store, day, bytes FROM store_sizes ORDER BY store, day DESC) AS latest
JOIN (
    SELECT DISTINCT ON (store) store, day, bytes FROM store_sizes
    WHERE day >= %(today)s::date - %(days)s::int ORDER BY store, day
) AS first USING (store)
ORDER BY latest.bytes DESC, latest.store
