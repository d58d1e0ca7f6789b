-- Append one entry; its number and hash were made under the lock.
INSERT INTO audit_trail (number, at, actor, role, tag, subject, purpose, request_id, address, detail, hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
