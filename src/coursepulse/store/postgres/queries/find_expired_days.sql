-- Days before a day of which nothing has been received since.
SELECT expired_days(%(day)s)
