-- What organisations have their people learn: trainings, certificates, target profiles, seats and budgets.

-- name: company_known_teams
-- Those of some teams that exist.
SELECT team_id FROM teams WHERE team_id = ANY(%(ids)s)

-- name: company_count_change
-- Counts a change, so that answers of before are not given again.
UPDATE company_revision SET revision = revision + 1

-- name: company_put_team_trainings
-- Inserts or updates what teams have to take.
-- In the order of the key: two writers that share rows wait for each other instead of deadlocking.
INSERT INTO team_trainings (team_id, course_id, mandatory, assigned_on, due_on, counts_from, status)
SELECT team_id, course_id, mandatory, assigned_on, due_on, counts_from, status
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    team_id text, course_id text, mandatory boolean, assigned_on date, due_on date, counts_from date, status text
)
ORDER BY team_id, course_id
ON CONFLICT (team_id, course_id) DO UPDATE SET
    mandatory = excluded.mandatory,
    assigned_on = excluded.assigned_on,
    due_on = excluded.due_on,
    counts_from = excluded.counts_from,
    status = excluded.status

-- name: company_put_person_trainings
-- Inserts or updates what single people have to take.
INSERT INTO person_trainings (
    organisation_id, student_id, course_id, mandatory, assigned_on, due_on, counts_from, status
)
SELECT organisation_id, student_id, course_id, mandatory, assigned_on, due_on, counts_from, status
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    organisation_id text, student_id uuid, course_id text, mandatory boolean, assigned_on date, due_on date,
    counts_from date, status text
)
ORDER BY student_id, organisation_id, course_id
ON CONFLICT (student_id, organisation_id, course_id) DO UPDATE SET
    mandatory = excluded.mandatory,
    assigned_on = excluded.assigned_on,
    due_on = excluded.due_on,
    counts_from = excluded.counts_from,
    status = excluded.status

-- name: company_put_certificates
-- Inserts or updates certificates.
INSERT INTO certificates (
    organisation_id, student_id, certificate_id, title, course_id, issued_on, expires_on, status
)
SELECT organisation_id, student_id, certificate_id, title, nullif(course_id, ''), issued_on, expires_on, status
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    organisation_id text, student_id uuid, certificate_id text, title text, course_id text, issued_on date,
    expires_on date, status text
)
ORDER BY student_id, organisation_id, certificate_id
ON CONFLICT (student_id, organisation_id, certificate_id) DO UPDATE SET
    title = excluded.title,
    course_id = excluded.course_id,
    issued_on = excluded.issued_on,
    expires_on = excluded.expires_on,
    status = excluded.status

-- name: company_put_profiles
-- Inserts or updates target profiles, without their needs and people.
INSERT INTO target_profiles (profile_id, organisation_id, name)
SELECT profile_id, organisation_id, name
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (profile_id text, organisation_id text, name text)
ORDER BY profile_id
ON CONFLICT (profile_id) DO UPDATE SET organisation_id = excluded.organisation_id, name = excluded.name

-- name: company_clear_needs
-- Deletes the needs of some profiles, which are inserted again in the same transaction.
DELETE FROM target_needs WHERE profile_id = ANY(%(profiles)s)

-- name: company_put_needs
-- Writes the needs of profiles.
INSERT INTO target_needs (profile_id, skill, course_id, level)
SELECT profile_id, skill, course_id, level
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (profile_id text, skill text, course_id text, level real)

-- name: company_clear_people
-- Empties some profiles, which are filled again in the same transaction.
DELETE FROM target_people WHERE profile_id = ANY(%(profiles)s)

-- name: company_put_people
-- Writes who works in which role.
INSERT INTO target_people (profile_id, student_id)
SELECT profile_id, student_id
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (profile_id text, student_id uuid)
ON CONFLICT DO NOTHING

-- name: company_put_seats
-- Inserts or updates seats.
INSERT INTO seat_pools (
    pool_id, organisation_id, team_id, course_id, name, bought, assigned, activated, used, starts_on, ends_on
)
SELECT
    pool_id, organisation_id, nullif(team_id, ''), nullif(course_id, ''), name, bought, assigned, activated, used,
    starts_on, ends_on
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    pool_id text, organisation_id text, team_id text, course_id text, name text, bought integer, assigned integer,
    activated integer, used integer, starts_on date, ends_on date
)
ORDER BY pool_id
ON CONFLICT (pool_id) DO UPDATE SET
    organisation_id = excluded.organisation_id,
    team_id = excluded.team_id,
    course_id = excluded.course_id,
    name = excluded.name,
    bought = excluded.bought,
    assigned = excluded.assigned,
    activated = excluded.activated,
    used = excluded.used,
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on

-- name: company_put_budgets
-- Inserts or updates budgets.
INSERT INTO budgets (budget_id, organisation_id, team_id, name, currency, amount, spent, starts_on, ends_on)
SELECT budget_id, organisation_id, nullif(team_id, ''), name, currency, amount, spent, starts_on, ends_on
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    budget_id text, organisation_id text, team_id text, name text, currency text, amount numeric, spent numeric,
    starts_on date, ends_on date
)
ORDER BY budget_id
ON CONFLICT (budget_id) DO UPDATE SET
    organisation_id = excluded.organisation_id,
    team_id = excluded.team_id,
    name = excluded.name,
    currency = excluded.currency,
    amount = excluded.amount,
    spent = excluded.spent,
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on
