-- The receipt so far.
UPDATE privacy_requests SET receipt = %(receipt)s::jsonb, trouble = '' WHERE request_id = %(request)s
