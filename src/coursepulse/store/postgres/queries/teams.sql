-- What the roster says of the members of a team, for metrics. Read for totals too, so as a role that sees all of it.

-- name: teams_name
-- What the team is called.
SELECT coalesce(nullif(name, ''), team_id) AS name FROM teams WHERE team_id = %(team)s

-- name: teams_sharing
-- Whether each member lets an employer see them.
SELECT
    student_id,
    coalesce((
        SELECT granted
        FROM consents
        WHERE consents.student_id = team_people.student_id AND purpose = 'employer_sharing'
        ORDER BY recorded_at DESC, seq DESC
        LIMIT 1
    ), false) AS shares
FROM team_people
WHERE team_id = %(team)s AND NOT manages

-- name: teams_team_trainings
-- What every member has to take.
SELECT course_id, mandatory, assigned_on, due_on, counts_from
FROM team_trainings
WHERE team_id = %(team)s AND status = 'active'
ORDER BY course_id

-- name: teams_person_trainings
-- What single members have to take, and what they need not take although the team has to.
SELECT course_id, student_id, mandatory, assigned_on, due_on, counts_from, status = 'active' AS holds
FROM person_trainings
JOIN team_people USING (student_id)
WHERE team_id = %(team)s AND NOT manages
    AND organisation_id = (SELECT organisation_id FROM teams WHERE team_id = %(team)s)
ORDER BY course_id, student_id

-- name: teams_certificates
-- The certificates of the members that name the organisation of the team.
SELECT
    certificate_id, student_id, coalesce(nullif(title, ''), certificate_id) AS certificate, issued_on, expires_on
FROM certificates
JOIN team_people USING (student_id)
WHERE team_id = %(team)s AND NOT manages AND status = 'valid'
    AND organisation_id = (SELECT organisation_id FROM teams WHERE team_id = %(team)s)
ORDER BY certificate_id, student_id

-- name: teams_ends
-- The last days of courses, and of single members in them, as far as they lie within the next weeks.
SELECT course_id, NULL::uuid AS student_id, ends_on
FROM courses
WHERE ends_on BETWEEN %(end)s::date - 1 AND %(end)s::date + 60
UNION ALL
SELECT course_id, student_id, ends_on
FROM enrolments
JOIN team_people USING (student_id)
WHERE team_id = %(team)s AND NOT manages AND ends_on BETWEEN %(end)s::date - 1 AND %(end)s::date + 60

-- name: teams_seats
-- The seats of a team, and those of its whole organisation.
SELECT
    pool_id, coalesce(nullif(seat_pools.name, ''), pool_id) AS licence, seat_pools.team_id IS NOT NULL AS of_team, bought, assigned,
    activated, used, ends_on
FROM seat_pools
JOIN teams USING (organisation_id)
WHERE teams.team_id = %(team)s AND (seat_pools.team_id IS NULL OR seat_pools.team_id = %(team)s)
    AND coalesce(ends_on >= %(start)s, true)
ORDER BY pool_id

-- name: teams_budgets
-- The budgets of a team, and those of its whole organisation.
SELECT
    budget_id, coalesce(nullif(budgets.name, ''), budget_id) AS budget, budgets.team_id IS NOT NULL AS of_team, currency, amount,
    spent, starts_on, ends_on
FROM budgets
JOIN teams USING (organisation_id)
WHERE teams.team_id = %(team)s AND (budgets.team_id IS NULL OR budgets.team_id = %(team)s)
    AND ends_on >= %(start)s
ORDER BY budget_id

-- name: teams_roles
-- Which members work in which role.
SELECT profile_id, student_id
FROM target_people
JOIN target_profiles USING (profile_id)
JOIN team_people USING (student_id)
WHERE team_id = %(team)s AND NOT manages
    AND organisation_id = (SELECT organisation_id FROM teams WHERE team_id = %(team)s)
ORDER BY profile_id, student_id

-- name: teams_needs
-- What the roles of members need, by the name of the skill or the title of the course.
SELECT
    profile_id, coalesce(nullif(target_profiles.name, ''), profile_id) AS role, skill, target_needs.course_id AS course_id,
    coalesce(nullif(skill, ''), nullif(courses.title, ''), target_needs.course_id) AS need, level
FROM target_needs
JOIN target_profiles USING (profile_id)
LEFT JOIN courses ON courses.course_id = target_needs.course_id
WHERE organisation_id = (SELECT organisation_id FROM teams WHERE team_id = %(team)s)
    AND profile_id IN (
        SELECT profile_id FROM target_people JOIN team_people USING (student_id) WHERE team_id = %(team)s AND NOT manages
    )
ORDER BY profile_id, skill, course_id

-- name: teams_skill_work
-- The assessments of the skills that roles of the organisation need.
SELECT DISTINCT skill, assessments.course_id, assessment_id
FROM target_needs
JOIN target_profiles USING (profile_id)
JOIN assessments ON target_needs.skill = ANY (assessments.skills)
WHERE organisation_id = (SELECT organisation_id FROM teams WHERE team_id = %(team)s)
ORDER BY skill, course_id, assessment_id

-- name: teams_instructors
-- Who has taught which course, by name as far as the roster has it.
SELECT course_id, teacher_id, coalesce(name, '') AS name
FROM teaching LEFT JOIN people ON student_id = teacher_id
ORDER BY teacher_id, course_id
