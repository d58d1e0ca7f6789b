-- Everything a student ever decided.
SELECT purpose, granted, text_version, source, recorded_at FROM consents
WHERE student_id = %(student)s ORDER BY recorded_at, seq
