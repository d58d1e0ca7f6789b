-- The organisation of a team.
SELECT organisation_id FROM teams WHERE team_id = %(team)s
