-- Every account, by login name.
SELECT account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL
FROM accounts
ORDER BY login_name
