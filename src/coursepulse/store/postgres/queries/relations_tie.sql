-- What ties an account and its person to others at this moment: courses, teams, organisation, opened records.
WITH open_records AS (
    SELECT * FROM break_glass WHERE account = %(account)s AND expires_at > %(now)s AND kind = 'record'
)
SELECT
    ARRAY(
        SELECT course_id
        FROM teaching AS t
        JOIN courses AS c USING (course_id)
        WHERE t.teacher_id = %(person)s
          AND %(today)s >= coalesce(t.starts_on, '-infinity')
          AND %(today)s <= coalesce(t.ends_on, 'infinity')
          AND %(today)s <= coalesce(c.ends_on, 'infinity')
    ) AS courses,
    ARRAY(SELECT team_id FROM team_people WHERE student_id = %(person)s AND manages) AS teams,
    (SELECT organisation_id FROM people WHERE student_id = %(person)s) AS organisation,
    ARRAY(SELECT student_id FROM open_records ORDER BY id) AS opened,
    ARRAY(SELECT id FROM open_records ORDER BY id) AS openings
