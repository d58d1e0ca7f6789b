-- Counts an attempt as failed before the password is looked at; success takes it back.
UPDATE sign_in_failures SET failures = %(failures)s, latest_at = %(now)s WHERE whom = %(whom)s
