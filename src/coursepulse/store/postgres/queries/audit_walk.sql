-- Every entry in the order of the chain.
SELECT number, at, actor, role, tag, subject, purpose, request_id, address, detail, hash
FROM audit_trail
ORDER BY number
