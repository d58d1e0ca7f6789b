-- Takes every consent back, for the doors of other machines, which learn of it as of any other decision.
INSERT INTO consents (student_id, purpose, granted, source, recorded_at)
SELECT %(student)s, purpose, false, 'erasure', %(at)s
FROM unnest(%(purposes)s::text[]) AS purpose
WHERE NOT EXISTS (
    SELECT FROM consents AS old
    WHERE old.student_id = %(student)s AND old.purpose = purpose AND old.source = 'erasure' AND old.recorded_at = %(at)s
)
