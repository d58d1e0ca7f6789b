-- Which account opened a record.
SELECT account FROM break_glass WHERE id = %(id)s
