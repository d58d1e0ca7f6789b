-- Refused requests in a period, by role, tag and the reason that only the trail knows.
SELECT role, tag, coalesce(substring(detail FROM 'reason=(\S+)'), '') AS reason, count(*)
FROM audit_trail
WHERE at >= %(start)s AND at < %(end)s AND (tag LIKE '%%:refuse' OR tag LIKE '%%:refused')
GROUP BY role, tag, reason
ORDER BY role, tag, reason
