-- What ties a viewer to students and courses.

-- name: relations_tie
-- The current ties of an account and its person: courses, teams, organisation, access grants.
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
    ARRAY(SELECT id FROM open_records ORDER BY id) AS grants

-- name: relations_enrolments
-- Whether a course has ended, and whether the enrolments on the roster of some students in it hold today.
SELECT
    coalesce((SELECT ends_on FROM courses WHERE course_id = %(course)s) < %(today)s, false) AS course_ended,
    student_id,
    status = 'active'
        AND %(today)s >= coalesce(starts_on, '-infinity')
        AND %(today)s <= coalesce(ends_on, 'infinity') AS holds
FROM (SELECT) AS always
LEFT JOIN enrolments ON course_id = %(course)s AND student_id = ANY(%(students)s)

-- name: relations_outside
-- Students removed from a course by the roster, and those of some students who are on it.
SELECT student_id, holds
FROM (
    SELECT
        student_id,
        status = 'active'
            AND %(today)s >= coalesce(starts_on, '-infinity')
            AND %(today)s <= coalesce(ends_on, 'infinity') AS holds
    FROM enrolments
    WHERE course_id = %(course)s
) AS listed
WHERE NOT holds OR student_id = ANY(%(students)s)

-- name: relations_known
-- Whether the roster knows a person by this pseudonym.
SELECT EXISTS (SELECT FROM people WHERE student_id = %(student)s)

-- name: relations_course
-- Whether the catalog has a course.
SELECT EXISTS (SELECT FROM courses WHERE course_id = %(course)s)

-- name: relations_membership
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

-- name: relations_team
-- The organisation of a team.
SELECT organisation_id FROM teams WHERE team_id = %(team)s

-- name: relations_members
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

-- name: relations_agreed
-- Whether a student agrees to a purpose now; without a decision the answer is no.
SELECT coalesce((
    SELECT granted
    FROM consents
    WHERE student_id = %(student)s AND purpose = %(purpose)s
    ORDER BY recorded_at DESC, seq DESC
    LIMIT 1
), false)

-- name: relations_versions
-- How far two consumers of the log have come, and what has changed beside the log; then the newest changes of courses
-- and people, of enrolments, of consents, of what organisations have their people learn, and of what has no version.
SELECT
    coalesce((SELECT position FROM pipeline_positions WHERE name = 'served'), 0),
    coalesce((SELECT position FROM pipeline_positions WHERE name = 'learners'), 0),
    (SELECT renewed FROM result_changes),
    (SELECT version FROM catalog_version),
    (SELECT revision FROM enrolment_revision),
    (SELECT coalesce(max(seq), 0) FROM consents),
    (SELECT revision FROM company_revision),
    (SELECT forgotten FROM result_changes)

-- name: relations_joined
-- The names that some students chose for leaderboards, of those who agree to each of some purposes now.
SELECT chosen.student_id, chosen.shown_as
FROM leaderboard_names AS chosen
WHERE chosen.student_id = ANY(%(students)s) AND chosen.shown_as <> ''
    AND NOT EXISTS (
        SELECT FROM unnest(%(purposes)s::text[]) AS needed (purpose)
        WHERE NOT coalesce((
            SELECT granted
            FROM consents
            WHERE consents.student_id = chosen.student_id AND consents.purpose = needed.purpose
            ORDER BY recorded_at DESC, seq DESC
            LIMIT 1
        ), false)
    )

-- name: relations_board_name
-- The name that a student chose for leaderboards; empty after an instructor has removed it.
SELECT shown_as FROM leaderboard_names WHERE student_id = %(student)s

-- name: relations_peers
-- Those of some students in some courses who are in them today and agree to each of some purposes now.
SELECT given.course_id, given.student_id
FROM unnest(%(courses)s::text[], %(students)s::uuid[]) AS given (course_id, student_id)
LEFT JOIN courses ON courses.course_id = given.course_id
LEFT JOIN enrolments AS listed ON listed.course_id = given.course_id AND listed.student_id = given.student_id
WHERE %(today)s <= coalesce(courses.ends_on, 'infinity')
    AND coalesce(listed.status = 'active', true)
    AND %(today)s >= coalesce(listed.starts_on, '-infinity')
    AND %(today)s <= coalesce(listed.ends_on, 'infinity')
    AND NOT EXISTS (
        SELECT FROM unnest(%(purposes)s::text[]) AS needed (purpose)
        WHERE NOT coalesce((
            SELECT granted
            FROM consents
            WHERE consents.student_id = given.student_id AND consents.purpose = needed.purpose
            ORDER BY recorded_at DESC, seq DESC
            LIMIT 1
        ), false)
    )
