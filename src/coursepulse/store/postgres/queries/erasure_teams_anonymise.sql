-- Takes a person out of every team: to an employer a random id among few would be a name.
DELETE FROM team_people WHERE student_id = %(student)s
