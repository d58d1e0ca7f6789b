-- The login names of some accounts.
SELECT account_id, login_name FROM accounts WHERE account_id = ANY(%(ids)s::uuid[])
