-- The numbers of the exports made for a student.
SELECT request_id FROM privacy_requests WHERE student_id = %(student)s AND kind = 'export'
