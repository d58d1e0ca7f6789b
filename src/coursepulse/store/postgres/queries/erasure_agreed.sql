-- What the replacement of a student agreed to last about a purpose.
SELECT granted FROM consents WHERE student_id = %(replacement)s AND purpose = %(purpose)s
ORDER BY recorded_at DESC, seq DESC LIMIT 1
