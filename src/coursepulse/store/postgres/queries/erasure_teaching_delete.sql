-- Takes a person out of the list of teachers.
DELETE FROM teaching WHERE instructor_external_id = %(external_id)s AND %(external_id)s <> ''
