-- For a rebuild of one day: its students in slices of some {some:UInt64} events, each from its first to its last student
-- in the database's own order. The days beside it are read as well, so their events count.
SELECT min(student_id), max(student_id)
FROM
(
    SELECT student_id, intDiv(sum(own) OVER (ORDER BY student_id ROWS UNBOUNDED PRECEDING) - own, {some:UInt64}) AS slice
    FROM
    (
        SELECT student_id, count() AS own
        FROM events
        WHERE toDate(at) IN ({day:Date} - 1, {day:Date}, {day:Date} + 1)
        GROUP BY student_id
    )
)
GROUP BY slice
ORDER BY slice
