-- Takes the withdrawals of an erasure out of the history again, once every door has heard of them.
DELETE FROM consents WHERE student_id = %(student)s AND source = 'erasure'
