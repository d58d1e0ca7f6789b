-- Adds decisions to the history; one that is there already is not added again, nor one from before an erasure.
INSERT INTO consents (student_id, purpose, granted, text_version, source, recorded_at)
SELECT student_id, purpose, granted, text_version, source, at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    place integer, student_id uuid, purpose text, granted boolean, text_version text, source text, at timestamptz,
    tombstone text
)
WHERE NOT EXISTS (
    SELECT FROM consents AS old
    WHERE old.student_id = given.student_id
      AND old.purpose = given.purpose
      AND old.recorded_at = given.at
      AND old.granted = given.granted
      AND old.text_version = given.text_version
      AND old.source = given.source
)
AND NOT EXISTS (
    SELECT FROM erased_students AS erased
    WHERE erased.tombstone = decode(given.tombstone, 'hex') AND given.at <= erased.erased_at
)
ORDER BY place
