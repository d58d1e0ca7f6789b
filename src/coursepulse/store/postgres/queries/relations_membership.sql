-- The teams of an organisation that a student is a member of, and whether they let an employer see their name.
SELECT
    ARRAY(
        SELECT team_id
        FROM team_people
        JOIN teams USING (team_id)
        WHERE student_id = %(student)s AND NOT manages AND organisation_id = %(organisation)s
    ) AS teams,
    coalesce((
        SELECT granted
        FROM consents
        WHERE student_id = %(student)s AND purpose = %(purpose)s
        ORDER BY recorded_at DESC, seq DESC
        LIMIT 1
    ), false) AS shares
