-- Forgets failures that no pause depends on any more.
DELETE FROM sign_in_failures WHERE latest_at < %(before)s
