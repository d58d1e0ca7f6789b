-- Adds an account; nothing when the login name or the provider's subject is taken.
INSERT INTO accounts (
    account_id, login_name, password_hash, issuer, provider_subject, role, student_id, organisation_id, created_at,
    confirmed
)
VALUES (
    %(account_id)s, %(login_name)s, %(password_hash)s, %(issuer)s, %(provider_subject)s, %(role)s, %(student_id)s,
    %(organisation_id)s, %(now)s, %(confirmed)s
)
ON CONFLICT DO NOTHING
RETURNING account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL
