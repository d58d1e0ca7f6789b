-- Whether a student agrees to a purpose now; without a decision the answer is no.
SELECT coalesce((
    SELECT granted
    FROM consents
    WHERE student_id = %(student)s AND purpose = %(purpose)s
    ORDER BY recorded_at DESC, seq DESC
    LIMIT 1
), false)
