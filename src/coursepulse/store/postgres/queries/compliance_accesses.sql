-- Entries of the trail in a period, by role and tag, without those that say that somebody was refused.
SELECT role, tag, count(*), count(DISTINCT actor)
FROM audit_trail
WHERE at >= %(start)s AND at < %(end)s AND tag NOT LIKE '%%:refuse' AND tag NOT LIKE '%%:refused'
GROUP BY role, tag
ORDER BY role, tag
