-- Removes academic records older than a moment.
DELETE FROM academic_records WHERE at < %(before)s
