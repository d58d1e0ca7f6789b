-- Takes a student out of the other requests about the same student; their archives go with the files.
UPDATE privacy_requests
SET student_id = NULL, external_id = NULL, email = NULL, name = NULL, state = 'done', trouble = ''
WHERE student_id = %(student)s AND request_id <> %(request)s
