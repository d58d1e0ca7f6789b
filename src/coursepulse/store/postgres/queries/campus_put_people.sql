-- Writes people, new or changed.
-- In the order of the ids: two writers that share people wait for each other instead of deadlocking.
INSERT INTO people (student_id, external_id, name, email, time_zone, is_staff, is_test, organisation_id)
SELECT student_id, external_id, name, email, time_zone, is_staff, is_test, nullif(organisation_id, '')
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    student_id uuid, external_id text, name text, email text, time_zone text, is_staff boolean, is_test boolean,
    organisation_id text
)
ORDER BY student_id
ON CONFLICT (external_id) DO UPDATE SET
    student_id = excluded.student_id,
    name = excluded.name,
    email = excluded.email,
    time_zone = excluded.time_zone,
    is_staff = excluded.is_staff,
    is_test = excluded.is_test,
    organisation_id = excluded.organisation_id
