-- Forgets whom exports were about whose archives are gone.
UPDATE privacy_requests SET student_id = NULL, replacement = NULL, external_id = NULL, email = NULL, name = NULL, salt = NULL
WHERE kind = 'export' AND state = 'done' AND student_id IS NOT NULL AND done_at < %(before)s
