-- Notes that somebody signed in.
UPDATE accounts SET last_sign_in_at = %(now)s WHERE account_id = %(account_id)s
