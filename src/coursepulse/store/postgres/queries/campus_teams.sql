-- The names of some teams, as far as they belong to an organisation.
SELECT team_id, name FROM teams WHERE team_id = ANY(%(teams)s) AND organisation_id = %(organisation)s
