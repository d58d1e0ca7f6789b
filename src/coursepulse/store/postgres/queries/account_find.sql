-- An account by its login name, with the hash of its password.
SELECT account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL, password_hash
FROM accounts
WHERE login_name = %(login_name)s
