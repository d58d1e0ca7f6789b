-- The viewer of a transaction, and the role of the server.

-- name: set_viewer
-- Set the viewer of this transaction for row-level security.
SELECT
    set_config('coursepulse.viewer_role', %(role)s, true),
    set_config('coursepulse.viewer_student', %(student)s, true),
    set_config('coursepulse.viewer_courses', %(courses)s::text[]::text, true),
    set_config('coursepulse.viewer_teams', %(teams)s::text[]::text, true),
    set_config('coursepulse.viewer_opened', %(opened)s::uuid[]::text, true),
    set_config('coursepulse.viewer_scopes', %(scopes)s::text[]::text, true)

-- name: find_ownership
-- The role of the connection, and whether it owns the tables.
SELECT
    session_user::text AS name,
    (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS superuser,
    EXISTS (
        SELECT FROM pg_class WHERE relname = 'audit_trail' AND relowner = session_user::regrole
    ) AS owner

-- name: find_recovery
-- Whether this server follows another.
SELECT pg_is_in_recovery()

-- name: take_role
-- Take on a role until the transaction ends.
SELECT set_config('role', %(role)s, true)

-- name: find_role
-- The role that a connection was asked to take on at its start; `none` without one.
SELECT current_setting('role')
