-- A request is done.
UPDATE privacy_requests
SET state = 'done', done_at = %(at)s, receipt = %(receipt)s::jsonb, trouble = ''
WHERE request_id = %(request)s
