-- Changes an account; what is null stays as it is.
UPDATE accounts
SET role = coalesce(%(role)s, role),
    student_id = coalesce(%(student_id)s, student_id),
    confirmed = confirmed AND %(student_id)s::uuid IS NULL,
    organisation_id = coalesce(%(organisation_id)s, organisation_id),
    disabled = coalesce(%(disabled)s, disabled),
    password_hash = coalesce(%(password_hash)s, password_hash)
WHERE login_name = %(login_name)s
RETURNING account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL
