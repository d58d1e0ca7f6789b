-- Puts the replacement in the place of a student in the raw events, without addresses, countries and texts about persons.
UPDATE student_activity_events
SET student_id = %(replacement)s,
    session_id = md5(%(salt)s || session_id::text)::uuid,
    ip_address = NULL,
    country_code = NULL,
    event_data = (
        SELECT coalesce(jsonb_object_agg(key, value), '{}')
        FROM jsonb_each(event_data)
        WHERE jsonb_typeof(value) <> 'string' OR key = ANY(%(kept)s)
    )
WHERE student_id = %(student)s
