-- Which of some organisations there are.
SELECT organisation_id FROM organisations WHERE organisation_id = ANY(%(ids)s)
