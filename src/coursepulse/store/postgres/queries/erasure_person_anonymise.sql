-- Leaves of a person what the class totals depend on: the calendar, and whether it was a learner. No name, no address.
UPDATE people
SET student_id = %(replacement)s, external_id = 'erased:' || %(replacement)s::text, name = '', email = ''
WHERE student_id = %(student)s
