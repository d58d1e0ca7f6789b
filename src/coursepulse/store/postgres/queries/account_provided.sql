-- The account of somebody whom a provider sends, as it was left.
SELECT account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL
FROM accounts
WHERE issuer = %(issuer)s AND provider_subject = %(provider_subject)s
