-- The account of somebody whom a provider sends, with what the provider says of them now.
UPDATE accounts
SET role = %(role)s,
    organisation_id = coalesce(%(organisation_id)s, organisation_id),
    student_id = coalesce(%(student_id)s, student_id)
WHERE issuer = %(issuer)s AND provider_subject = %(provider_subject)s
RETURNING account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL
