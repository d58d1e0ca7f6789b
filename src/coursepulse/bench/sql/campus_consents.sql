-- Everybody has agreed to everything.
INSERT INTO consents (student_id, purpose, granted, text_version, source, recorded_at)
SELECT md5('student-' || n)::uuid, purpose, true, '1', 'bench', now()
FROM generate_series(0, %(students)s - 1) AS n,
    unnest(ARRAY['analytics', 'personalisation', 'research', 'employer_sharing']) AS purpose
