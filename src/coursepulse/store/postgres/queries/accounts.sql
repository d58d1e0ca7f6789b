-- Accounts and failed sign-ins.

-- name: account_add
-- Adds an account; does nothing if the login name or the provider's subject is taken.
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

-- name: account_find
-- An account by its login name, with the hash of its password.
SELECT account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL, password_hash
FROM accounts
WHERE login_name = %(login_name)s

-- name: account_any
-- Whether there is any account.
SELECT EXISTS (SELECT FROM accounts)

-- name: account_list
-- Every account, by login name.
SELECT account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL
FROM accounts
ORDER BY login_name

-- name: account_names
-- The login names of some accounts.
SELECT account_id, login_name FROM accounts WHERE account_id = ANY(%(ids)s::uuid[])

-- name: account_change
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

-- name: account_provided
-- The account of a person from an identity provider, unchanged.
SELECT account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL
FROM accounts
WHERE issuer = %(issuer)s AND provider_subject = %(provider_subject)s

-- name: account_meet
-- The account of a person from an identity provider, updated with the current claims. Other fields stay unchanged.
UPDATE accounts
SET role = %(role)s,
    organisation_id = CASE WHEN %(tells_organisation)s THEN %(organisation_id)s ELSE organisation_id END,
    student_id = CASE WHEN %(tells_person)s THEN %(student_id)s ELSE student_id END,
    confirmed = CASE WHEN %(tells_person)s THEN %(student_id)s::uuid IS NOT NULL ELSE confirmed END
WHERE issuer = %(issuer)s AND provider_subject = %(provider_subject)s
RETURNING account_id, login_name, role, student_id, organisation_id, disabled, created_at, last_sign_in_at,
    issuer IS NOT NULL

-- name: account_signed_in
-- Records a sign-in.
UPDATE accounts SET last_sign_in_at = %(now)s WHERE account_id = %(account_id)s

-- name: account_speaks
-- Keeps the language that somebody has chosen.
UPDATE accounts SET language = %(language)s WHERE account_id = %(account_id)s

-- name: attempt_open
-- Makes sure that a row exists to count the failures of a name or address.
INSERT INTO sign_in_failures (whom, failures, latest_at) VALUES (%(whom)s, 0, %(now)s) ON CONFLICT DO NOTHING

-- name: attempt_lock
-- The failures of a name or address, locked so that concurrent attempts are counted one by one.
SELECT failures, latest_at FROM sign_in_failures WHERE whom = %(whom)s FOR UPDATE

-- name: attempt_count
-- Counts an attempt as failed before the password is checked; success undoes this.
UPDATE sign_in_failures SET failures = %(failures)s, latest_at = %(now)s WHERE whom = %(whom)s

-- name: attempt_forgive
-- Clears the failures after a sign-in.
DELETE FROM sign_in_failures WHERE whom = %(whom)s

-- name: attempt_take_back
-- Removes the attempt that succeeded, but not the failures of others at the same address.
UPDATE sign_in_failures SET failures = greatest(failures - 1, 0) WHERE whom = %(whom)s

-- name: attempt_purge
-- Deletes failures that no pause depends on any more.
DELETE FROM sign_in_failures WHERE latest_at < %(before)s
