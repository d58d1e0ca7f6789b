-- Takes the platform's id of a person out of the list of teachers.
UPDATE teaching SET instructor_external_id = 'erased:' || %(replacement)s::text
WHERE instructor_external_id = %(external_id)s AND %(external_id)s <> ''
