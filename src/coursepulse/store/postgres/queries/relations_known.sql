-- Whether the roster knows a person by this pseudonym.
SELECT EXISTS (SELECT FROM people WHERE student_id = %(student)s)
