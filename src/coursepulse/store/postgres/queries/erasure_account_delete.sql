-- Deletes the account of a person, and with it every session: a login name is personal.
DELETE FROM accounts WHERE student_id = %(student)s
