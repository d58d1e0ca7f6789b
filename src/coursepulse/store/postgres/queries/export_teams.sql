-- The teams of a person.
SELECT team_id, name, organisation_id, manages FROM team_people JOIN teams USING (team_id)
WHERE student_id = %(student)s ORDER BY team_id
