-- How many events a group has not finished: one subtraction, whatever the size of the backlog.
SELECT newest.total - coalesce(
    (SELECT total FROM finished WHERE consumer = :consumer),
    (SELECT total - events FROM blocks ORDER BY position LIMIT 1),
    newest.total
)
FROM newest
