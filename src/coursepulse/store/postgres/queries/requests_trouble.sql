-- Why a request could not be finished yet.
UPDATE privacy_requests SET trouble = %(trouble)s WHERE request_id = %(request)s
