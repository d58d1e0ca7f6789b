-- Writes the managers and members of teams.
INSERT INTO team_people (team_id, student_id, manages)
SELECT team_id, student_id, manages
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (team_id text, student_id uuid, manages boolean)
ON CONFLICT DO NOTHING
