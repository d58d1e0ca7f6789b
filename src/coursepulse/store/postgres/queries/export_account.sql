-- The account of a person, without the password.
SELECT login_name, issuer, role, organisation_id, created_at, last_sign_in_at FROM accounts WHERE student_id = %(student)s
