-- Forgets the failures of whoever signed in.
DELETE FROM sign_in_failures WHERE whom = %(whom)s
