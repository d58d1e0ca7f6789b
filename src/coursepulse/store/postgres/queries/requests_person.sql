-- What is known of a person, by pseudonym.
SELECT external_id, email, name FROM people WHERE student_id = %(student)s
