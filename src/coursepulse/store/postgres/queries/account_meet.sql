-- The account of somebody whom a provider sends, with what the provider says of them now. What it is not asked stays.
UPDATE accounts
SET role = %(role)s,
    organisation_id = CASE WHEN %(tells_organisation)s THEN %(organisation_id)s ELSE organisation_id END,
    student_id = CASE WHEN %(tells_person)s THEN %(student_id)s ELSE student_id END,
    confirmed = CASE WHEN %(tells_person)s THEN %(student_id)s::uuid IS NOT NULL ELSE confirmed END
WHERE issuer = %(issuer)s AND provider_subject = %(provider_subject)s
RETURNING account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL
