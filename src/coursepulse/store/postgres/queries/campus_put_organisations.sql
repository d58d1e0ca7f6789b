-- Writes organisations, new or changed.
INSERT INTO organisations (organisation_id, name)
SELECT organisation_id, name
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (organisation_id text, name text)
ORDER BY organisation_id
ON CONFLICT (organisation_id) DO UPDATE SET name = excluded.name
