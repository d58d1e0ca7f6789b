-- Writes teams, new or changed, without their people.
INSERT INTO teams (team_id, organisation_id, name)
SELECT team_id, organisation_id, name
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (team_id text, organisation_id text, name text)
ORDER BY team_id
ON CONFLICT (team_id) DO UPDATE SET organisation_id = excluded.organisation_id, name = excluded.name
