-- Remember that a group has finished everything up to a position; an older position changes nothing.
INSERT INTO finished (consumer, position, total)
VALUES (
    :consumer,
    :position,
    coalesce(
        (SELECT total FROM blocks WHERE position <= :position ORDER BY position DESC LIMIT 1),
        (SELECT total - events FROM blocks WHERE position > :position ORDER BY position LIMIT 1),
        (SELECT total FROM newest)
    )
)
ON CONFLICT (consumer) DO UPDATE SET position = excluded.position, total = excluded.total
WHERE excluded.position > finished.position
