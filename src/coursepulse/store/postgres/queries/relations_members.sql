-- The members of a team, and whether each lets an employer see their name.
SELECT
    student_id,
    coalesce((
        SELECT granted
        FROM consents
        WHERE consents.student_id = team_people.student_id AND purpose = %(purpose)s
        ORDER BY recorded_at DESC, seq DESC
        LIMIT 1
    ), false)
FROM team_people
WHERE team_id = %(team)s AND NOT manages
