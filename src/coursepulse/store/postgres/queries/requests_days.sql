-- Adds to the days that an erasure has touched.
UPDATE privacy_requests
SET days = (SELECT coalesce(array_agg(DISTINCT day), '{}') FROM unnest(days || %(days)s::date[]) AS day)
WHERE request_id = %(request)s
RETURNING days
