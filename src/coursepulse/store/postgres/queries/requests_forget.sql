-- Forgets whom an erasure was about: from now on only free space has to be rewritten.
UPDATE privacy_requests
SET student_id = NULL, replacement = NULL, external_id = NULL, email = NULL, name = NULL, salt = NULL, state = 'sweeping'
WHERE request_id = %(request)s
