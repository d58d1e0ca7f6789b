-- As whom we are connected, and whether that role rules over the tables.
SELECT
    session_user::text AS name,
    (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS superuser,
    EXISTS (
        SELECT FROM pg_class WHERE relname = 'audit_trail' AND relowner = session_user::regrole
    ) AS owner
