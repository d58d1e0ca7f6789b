-- How many enrolments were last changed by one change.
SELECT count(*) FROM enrolments WHERE revision = %(revision)s
