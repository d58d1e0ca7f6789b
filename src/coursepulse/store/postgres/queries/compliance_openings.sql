-- Records opened by break-glass in a period, accounts tied to students and reading keys, and who looked into it. Neither the student nor the reason: both are personal.
SELECT id, account, role, opened_at, acknowledged_at, acknowledged_by, kind
FROM break_glass
WHERE opened_at >= %(start)s AND opened_at < %(end)s
ORDER BY opened_at, id
