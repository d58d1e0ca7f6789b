-- Empties some teams, to be written anew in the same transaction.
DELETE FROM team_people WHERE team_id = ANY(%(teams)s)
